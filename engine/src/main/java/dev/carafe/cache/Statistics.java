package dev.carafe.cache;

import dev.carafe.Health;
import dev.carafe.Health.State;
import dev.carafe.MemoryUsage;
import dev.carafe.TierStats;
import dev.carafe.device.DeviceInfo;
import dev.carafe.device.NativeMemory;
import dev.carafe.log.format.CacheNumber;
import dev.carafe.region.ChunkPool;
import dev.carafe.tier.Degraded;
import dev.carafe.tier.FileStats;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.MemoryTier;
import dev.carafe.tier.RecentReads;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Snapshots of statistics and health for the application. */
record Statistics(Tiers<?> tiers, Values<?> values, boolean closed) {

  long entryCount() {
    FileTier file = tiers.storage.file;
    long inMemory = tiers.entries.count();
    return file == null
        ? inMemory
        : Math.max(0, inMemory - tiers.storage.memory.counters().cleanCount())
            + file.metrics().recordCount(tiers.storage.number);
  }

  TierStats tierStats() {
    return new TierStats(
        memoryStats(), fileStats(), values.unreadableCount(), new MissRatios(tiers).curve());
  }

  TierStats.MemoryTier memoryStats() {
    Counters c = tiers.cache.counters();
    return new TierStats.MemoryTier(
        c.memoryHits.sum(),
        c.puts.sum(),
        c.promotions.sum(),
        c.overwritten.sum(),
        c.invalidated.sum(),
        c.spilled.sum(),
        c.droppedClean.sum(),
        c.dropped.sum(),
        c.expired.sum(),
        tiers.entries.count(),
        tiers.storage.memory.counters().tooLargeCount());
  }

  private TierStats.FileTier fileStats() {
    Counters c = tiers.cache.counters();
    FileTier file = tiers.storage.file;
    if (file == null) {
      return withoutFile(c.misses.sum());
    }
    int number = tiers.storage.number;
    FileStats s = file.metrics().stats();
    return fileStats(
        c.fileHits.sum(),
        c.misses.sum(),
        c.tooLarge.sum(),
        s,
        number == CacheNumber.ALL ? s.records() : file.metrics().recordCount(number),
        number == CacheNumber.ALL ? s.liveBytes() : file.metrics().liveBytes(number));
  }

  /** Returns the counters of a file tier that does not exist. */
  static TierStats.FileTier withoutFile(long misses) {
    return new TierStats.FileTier(
        0, misses, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  /** Combines the counters of caches and of their file. */
  static TierStats.FileTier fileStats(
      long hits, long misses, long tooLarge, FileStats s, long records, long liveBytes) {
    return new TierStats.FileTier(
        hits,
        misses,
        s.recovered(),
        s.stored(),
        s.buffered(),
        s.removed(),
        s.replaced(),
        s.reclaimed(),
        s.expired(),
        s.damaged(),
        s.lost(),
        records,
        s.refusedTooLarge() + tooLarge,
        s.refusedOverload(),
        s.refusedUnavailable(),
        s.refusedBudget(),
        s.refusedAdmission(),
        s.refusedFull(),
        s.deviceBytesRead(),
        s.deviceBytesWritten(),
        s.appendedBytes(),
        s.scrubbedBytes(),
        s.reinserted(),
        liveBytes,
        s.capacityBytes());
  }

  MemoryUsage memoryUsage() {
    MemoryTier memory = tiers.storage.memory;
    boolean inStore = tiers.index.isShared();
    return memoryUsage(memory.pool(), List.of(memory), tiers.storage.file, closed, inStore);
  }

  /** Returns the memory of caches over one pool, and of their file. */
  static MemoryUsage memoryUsage(
      ChunkPool pool,
      List<MemoryTier> caches,
      @Nullable FileTier file,
      boolean closed,
      boolean inStore) {
    long leased = 0;
    long recentReads = 0;
    long values = 0;
    for (MemoryTier memory : caches) {
      RecentReads recent = memory.reads().recentReads();
      leased += memory.leasedCopyBytes().get();
      recentReads += recent == null ? 0 : recent.bytes();
      values += memory.counters().valueBytes();
    }
    Map<String, Long> byTag = new LinkedHashMap<>();
    byTag.put("regions", closed ? 0 : pool.capacityBytes());
    byTag.put("leasedCopies", leased);
    byTag.put("recentReads", recentReads);
    if (file != null) {
      byTag.putAll(file.metrics().memoryBytes());
    }
    return new MemoryUsage(byTag, values, pool.usedBytes(), pool.capacityBytes(), inStore);
  }

  Health health() {
    return health(tiers.storage.file, closed, values.unreadable());
  }

  /** Returns the health of the tiers. */
  static Health health(@Nullable FileTier file, boolean closed, String unreadable) {
    if (file == null) {
      Health.Tier memory = closed ? Health.Tier.CLOSED : Health.Tier.OK;
      return new Health(memory, null, "", NativeMemory.whyLimited(), unreadable);
    }
    DeviceInfo info = file.metrics().deviceInfo();
    String device = info.kind() + (info.direct() ? " O_DIRECT" : "");
    if (closed) {
      return new Health(Health.Tier.CLOSED, Health.Tier.CLOSED, device, info.reason(), unreadable);
    }
    Degraded degraded = file.metrics().degraded();
    Health.Tier fileTier =
        degraded == null
            ? Health.Tier.OK
            : new Health.Tier(State.DEGRADED, degraded.reason(), degraded.since());
    return new Health(Health.Tier.OK, fileTier, device, info.reason(), unreadable);
  }
}
