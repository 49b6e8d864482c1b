package dev.carafe.cache;

import dev.carafe.Health;
import dev.carafe.MemoryUsage;
import dev.carafe.TierStats;
import dev.carafe.cache.OpenCaches.OpenCache;
import dev.carafe.tier.FileStats;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.MemoryTier;
import java.util.ArrayList;
import java.util.List;

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
    requireOpen();
    CacheTotals t = totals();
    FileTier file = storage.file();
    if (file == null) {
      return new TierStats(t.memory(), Statistics.withoutFile(t.misses()), t.unreadable(), null);
    }
    FileStats s = file.metrics().stats();
    TierStats.FileTier fileStats =
        Statistics.fileStats(t.fileHits(), t.misses(), t.tooLarge(), s, s.records(), s.liveBytes());
    return new TierStats(t.memory(), fileStats, t.unreadable(), null);
  }

  void requireOpen() {
    if (storage.gate().isClosed()) {
      throw new IllegalStateException("the store is closed");
    }
  }

  MemoryUsage memoryUsage() {
    requireOpen();
    List<MemoryTier> caches = new ArrayList<>();
    for (OpenCache<?> cache : storage.caches().all()) {
      caches.add(cache.tiers().storage.memory);
    }
    return Statistics.memoryUsage(
        storage.memory().pool(), caches, storage.file(), storage.gate().isClosed(), true);
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
