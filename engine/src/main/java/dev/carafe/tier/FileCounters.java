package dev.carafe.tier;

import dev.carafe.base.Counter;
import dev.carafe.base.Invariants;
import dev.carafe.log.Log;
import dev.carafe.log.LogFile;

/** The counters of a file tier; {@link FileStats} explains each name. */
final class FileCounters {
  final Counter recovered = new Counter();
  final Appended appended = new Appended();
  final Counter removed = new Counter();
  final Counter replaced = new Counter();
  final Counter reclaimed = new Counter();
  final Counter expired = new Counter();
  final Counter damaged = new Counter();
  final Counter lost = new Counter();
  final Counter reinserted = new Counter();
  final Counter scrubbedBytes = new Counter();
  final Refused refused = new Refused();

  /** The values that {@link FileTier#put} and {@link FileTier#offer} did not append, and others. */
  static final class Refused {
    final Counter tooLarge = new Counter();
    final Counter overload = new Counter();
    final Counter unavailable = new Counter();
    final Counter budget = new Counter();
    final Counter admission = new Counter();
    final Counter full = new Counter();
  }

  /** The records that {@link FileTier#put} appended. */
  static final class Appended {
    private final Counter records = new Counter();
    private final Counter bytes = new Counter();

    void add(long recordBytes) {
      records.increment();
      bytes.add(recordBytes);
    }
  }

  /** Checks that the records added are those that left and those that are live (contract B3). */
  void checkInvariants(long records) {
    long added = recovered.sum() + appended.records.sum();
    long removedOrExpired = removed.sum() + replaced.sum() + reclaimed.sum() + expired.sum();
    long left = removedOrExpired + damaged.sum() + lost.sum();
    Invariants.check(
        added == left + records,
        "FileCounters: " + added + " records added, " + left + " removed, " + records + " live");
  }

  /** Reads all counters. Under the history lock, under which they change: the sums agree (B3). */
  FileStats snapshot(Log log, long records) {
    LogFile file = log.file();
    long buffered = file.valuesBuffered().get(); // read once: a write that ends lowers it
    return new FileStats(
        recovered.sum(),
        appended.records.sum() - buffered,
        buffered,
        removed.sum(),
        replaced.sum(),
        reclaimed.sum(),
        expired.sum(),
        damaged.sum(),
        lost.sum(),
        records,
        reinserted.sum(),
        refused.tooLarge.sum(),
        refused.overload.sum(),
        refused.unavailable.sum(),
        refused.budget.sum(),
        refused.admission.sum(),
        refused.full.sum(),
        file.bytesRead().sum(),
        file.bytesWritten().get(),
        scrubbedBytes.sum(),
        appended.bytes.sum(),
        log.table().live().total(),
        file.geometry().capacityBytes());
  }
}
