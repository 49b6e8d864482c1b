package dev.carafe.cache;

import dev.carafe.Health;
import dev.carafe.MemoryUsage;
import dev.carafe.TierStats;
import dev.carafe.cache.OpenCaches.OpenCache;
import dev.carafe.region.ChunkPool;
import dev.carafe.tier.FileStats;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.MemoryTier;
import dev.carafe.tier.RecentReads;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Snapshots of the statistics and the health of a store. */
final class StoreStatistics {
  private final Storage storage;

  /** The sums of the caches that were closed. Guarded by this. */
  private CacheTotals closed = CacheTotals.NONE;

  StoreStatistics(Storage storage) {
    this.storage = storage;
  }

  /** Adds the counters of a cache that closes, and whose entries are released. */
  synchronized void addClosed(OpenCache<?> cache) {
    closed = closed.plus(CacheTotals.of(cache).withoutEntries());
  }

  private synchronized CacheTotals totals() {
    CacheTotals sum = closed;
    for (OpenCache<?> cache : storage.caches().all()) {
      sum = sum.plus(CacheTotals.of(cache));
    }
    return sum;
  }

  TierStats tierStats() {
    CacheTotals t = totals();
    FileTier file = storage.file();
    if (file == null) {
      return new TierStats(t.memory(), Statistics.withoutFile(t.misses()), t.unreadable());
    }
    FileStats s = file.metrics().stats();
    TierStats.FileTier fileStats =
        Statistics.fileStats(t.fileHits(), t.misses(), t.tooLarge(), s, s.records(), s.liveBytes());
    return new TierStats(t.memory(), fileStats, t.unreadable());
  }

  MemoryUsage memoryUsage() {
    ChunkPool pool = storage.memory().pool();
    long leased = 0;
    long recentReads = 0;
    long values = 0;
    List<OpenCache<?>> caches = storage.caches().all();
    for (OpenCache<?> cache : caches) {
      MemoryTier memory = cache.tiers().storage.memory;
      RecentReads recent = memory.reads().recentReads();
      leased += memory.leasedCopyBytes().get();
      recentReads += recent == null ? 0 : recent.bytes();
      values += memory.counters().valueBytes();
    }
    boolean isClosed = storage.gate().isClosed();
    Map<String, Long> byTag = new LinkedHashMap<>();
    byTag.put("regions", isClosed ? 0 : pool.capacityBytes());
    byTag.put("leasedCopies", leased);
    byTag.put("recentReads", recentReads);
    FileTier file = storage.file();
    if (file != null) {
      byTag.putAll(file.metrics().memoryBytes());
    }
    return new MemoryUsage(byTag, values, pool.usedBytes(), pool.capacityBytes());
  }

  Health health() {
    return Statistics.health(storage.file(), storage.gate().isClosed(), unreadable());
  }

  /** Describes the unreadable values of the first cache that has some. */
  private String unreadable() {
    for (OpenCache<?> cache : storage.caches().all()) {
      String one = cache.context().values().unreadable();
      if (!one.isEmpty()) {
        return one;
      }
    }
    return "";
  }
}
