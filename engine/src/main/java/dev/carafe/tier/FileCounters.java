package dev.carafe.tier;

import dev.carafe.base.Invariants;
import dev.carafe.log.LogFile;
import java.util.concurrent.atomic.LongAdder;

/** What a file tier counts; each name is explained in {@link FileStats}. */
final class FileCounters {
  final LongAdder recovered = new LongAdder();
  final LongAdder appended = new LongAdder();
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

  /** Checks that what came in is what left and what is there (contract B3). */
  void checkInvariants(long records) {
    long in = recovered.sum() + appended.sum();
    long left = removed.sum() + replaced.sum() + reclaimed.sum() + expired.sum();
    long gone = left + damaged.sum() + lost.sum();
    Invariants.check(
        in == gone + records,
        "FileCounters: " + in + " records came, " + gone + " left, " + records + " are there");
  }

  FileStats snapshot(LogFile file) {
    long buffered = file.valuesBuffered().sum(); // first: what is appended later is not in it
    return new FileStats(
        recovered.sum(),
        appended.sum() - buffered,
        buffered,
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
        file.bytesRead().sum(),
        file.bytesWritten().sum());
  }
}
