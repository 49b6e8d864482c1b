package dev.carafe.tier;

import dev.carafe.base.Counter;
import dev.carafe.base.Invariants;
import dev.carafe.log.LogFile;

/** What a file tier counts; each name is explained in {@link FileStats}. */
final class FileCounters {
  final Counter recovered = new Counter();
  final Counter appended = new Counter();
  final Counter removed = new Counter();
  final Counter replaced = new Counter();
  final Counter reclaimed = new Counter();
  final Counter expired = new Counter();
  final Counter damaged = new Counter();
  final Counter lost = new Counter();
  final Counter reinserted = new Counter();
  final Counter refusedTooLarge = new Counter();
  final Counter refusedOverload = new Counter();
  final Counter refusedUnavailable = new Counter();

  /** Checks that what came in is what left and what is there (contract B3). */
  void checkInvariants(long records) {
    long added = recovered.sum() + appended.sum();
    long removedOrExpired = removed.sum() + replaced.sum() + reclaimed.sum() + expired.sum();
    long left = removedOrExpired + damaged.sum() + lost.sum();
    Invariants.check(
        added == left + records,
        "FileCounters: " + added + " records added, " + left + " removed, " + records + " live");
  }

  /** Under the history lock, by which all records come and leave: the counters sum up (B3). */
  FileStats snapshot(LogFile file, long records) {
    long buffered = file.valuesBuffered().get(); // first: what is appended later is not in it
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
        records,
        reinserted.sum(),
        refusedTooLarge.sum(),
        refusedOverload.sum(),
        refusedUnavailable.sum(),
        file.bytesRead().sum(),
        file.bytesWritten().get());
  }
}
