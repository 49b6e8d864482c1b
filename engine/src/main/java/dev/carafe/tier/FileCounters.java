package dev.carafe.tier;

import java.util.concurrent.atomic.LongAdder;

/** What a file tier counts; each name is explained in {@link FileStats}. */
final class FileCounters {
  final LongAdder recovered = new LongAdder();
  final LongAdder stored = new LongAdder();
  final LongAdder removed = new LongAdder();
  final LongAdder replaced = new LongAdder();
  final LongAdder reclaimed = new LongAdder();
  final LongAdder expired = new LongAdder();
  final LongAdder damaged = new LongAdder();
  final LongAdder lost = new LongAdder();
  final LongAdder carried = new LongAdder();
  final LongAdder refusedTooLarge = new LongAdder();
  final LongAdder refusedOverload = new LongAdder();
  final LongAdder refusedUnavailable = new LongAdder();

  FileStats snapshot(long deviceBytesRead, long deviceBytesWritten) {
    return new FileStats(
        recovered.sum(),
        stored.sum(),
        removed.sum(),
        replaced.sum(),
        reclaimed.sum(),
        expired.sum(),
        damaged.sum(),
        lost.sum(),
        carried.sum(),
        refusedTooLarge.sum(),
        refusedOverload.sum(),
        refusedUnavailable.sum(),
        deviceBytesRead,
        deviceBytesWritten);
  }
}
