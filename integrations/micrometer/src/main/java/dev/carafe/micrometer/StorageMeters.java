package dev.carafe.micrometer;

import dev.carafe.Health;
import dev.carafe.MemoryUsage;
import dev.carafe.TierStats;
import dev.carafe.TierStats.FileTier;
import dev.carafe.micrometer.Meters.Described;
import java.util.Collection;

/** The meters of a memory and a file: those of a cache that has its own, or those of a store. */
final class StorageMeters {
  static final Described ADDITIONS =
      Described.count("additions", "Values and records that entered a tier, by source");
  static final Described REMOVALS =
      Described.count("removals", "Values and records that left a tier, by cause");
  static final Described ENTRIES =
      Described.count("entries", "Values in memory, and records in the file");
  static final Described SIZE =
      Described.bytes("size", "Bytes of the values in memory, and of the file's records");
  static final Described CAPACITY =
      Described.bytes("capacity", "The limit of the memory tier, and of the file");
  private static final Described MEMORY =
      Described.bytes("memory.used", "Native memory, by purpose; regions hold the values");
  private static final Described HEALTH =
      Described.count("health", "1: the tier is OK, 0: degraded, -1: closed");
  private static final Described BUFFERED =
      Described.count("file.buffered", "Records whose write has not completed");
  private static final Described REFUSED =
      Described.count("file.refused", "Values that the file did not take, by reason");
  private static final Described READ = Described.bytes("file.read", "Bytes read from the device");
  private static final Described WRITTEN =
      Described.bytes("file.written", "Bytes written to the device");
  private static final Described APPENDED =
      Described.bytes("file.appended", "Bytes of the records that values appended");
  private static final Described REINSERTED =
      Described.count("file.reinserted", "Records that reclaiming copied");
  private static final Described SCRUBBED =
      Described.bytes("file.scrubbed", "Bytes of extents that were checked in the background");
  private static final Described AMPLIFICATION =
      Described.count(
          "file.write.amplification", "Bytes written to the device for an appended byte");

  private StorageMeters() {}

  /** Binds the native memory of some purposes. */
  static void bindPurposes(Meters<?> meters, Collection<String> purposes) {
    for (String purpose : purposes) {
      meters.usage(
          MEMORY, usage -> usage.bytesByTag().getOrDefault(purpose, 0L), "purpose", purpose);
    }
  }

  static void bindMemory(Meters<?> meters) {
    meters.usage(SIZE, MemoryUsage::valueBytes, "tier", "memory");
    meters.usage(CAPACITY, MemoryUsage::budgetBytes, "tier", "memory");
    meters.health(HEALTH, Health::memory, "tier", "memory");
  }

  /** Binds the records that the file holds. */
  static void bindRecords(Meters<?> meters) {
    meters.gauge(ENTRIES, stats -> stats.file().records(), "tier", "file");
    meters.gauge(SIZE, stats -> stats.file().liveBytes(), "tier", "file");
  }

  /** Binds the records that enter and leave the file, its transfers and its health. */
  static void bindFile(Meters<?> meters) {
    meters.file(ADDITIONS, FileTier::recovered, "tier", "file", "source", "recovery");
    meters.file(ADDITIONS, FileTier::stored, "tier", "file", "source", "write");
    meters.file(REMOVALS, FileTier::removed, "tier", "file", "cause", "removed");
    meters.file(REMOVALS, FileTier::replaced, "tier", "file", "cause", "replaced");
    meters.file(REMOVALS, FileTier::reclaimed, "tier", "file", "cause", "reclaimed");
    meters.file(REMOVALS, FileTier::expired, "tier", "file", "cause", "expired");
    meters.file(REMOVALS, FileTier::damaged, "tier", "file", "cause", "damaged");
    meters.file(REMOVALS, FileTier::lost, "tier", "file", "cause", "lost");
    meters.gauge(CAPACITY, stats -> stats.file().capacityBytes(), "tier", "file");
    meters.health(HEALTH, Health::file, "tier", "file");
    meters.gauge(BUFFERED, stats -> stats.file().buffered());
    meters.file(REFUSED, FileTier::refusedTooLarge, "reason", "too_large");
    meters.file(REFUSED, FileTier::refusedOverload, "reason", "overload");
    meters.file(REFUSED, FileTier::refusedUnavailable, "reason", "unavailable");
    meters.file(REFUSED, FileTier::refusedBudget, "reason", "budget");
    meters.file(REFUSED, FileTier::refusedAdmission, "reason", "admission");
    meters.file(REFUSED, FileTier::refusedFull, "reason", "full");
    meters.file(READ, FileTier::bytesRead);
    meters.file(WRITTEN, FileTier::bytesWritten);
    meters.file(APPENDED, FileTier::bytesAppended);
    meters.file(SCRUBBED, FileTier::bytesScrubbed);
    meters.file(REINSERTED, FileTier::reinserted);
    meters.gauge(AMPLIFICATION, StorageMeters::amplification);
  }

  private static double amplification(TierStats stats) {
    FileTier file = stats.file();
    return file.bytesAppended() == 0
        ? Double.NaN
        : (double) file.bytesWritten() / file.bytesAppended();
  }
}
