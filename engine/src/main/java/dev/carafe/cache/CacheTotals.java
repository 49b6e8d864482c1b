package dev.carafe.cache;

import dev.carafe.TierStats;
import dev.carafe.cache.OpenCaches.OpenCache;

/**
 * The counters of caches that are not those of their file.
 *
 * @param memory the sums of the memory tier
 * @param fileHits reads answered from the file
 * @param misses reads that neither tier could answer
 * @param tooLarge values that no tier can hold
 * @param unreadable reads that found a value that its codec can't read
 */
record CacheTotals(
    TierStats.MemoryTier memory, long fileHits, long misses, long tooLarge, long unreadable) {
  static final CacheTotals NONE =
      new CacheTotals(new TierStats.MemoryTier(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0, 0, 0, 0);

  static CacheTotals of(OpenCache<?> cache) {
    Counters c = cache.tiers().cache.counters();
    return new CacheTotals(
        cache.context().statistics().memoryStats(), // without those of the file, which all share
        c.fileHits.sum(),
        c.misses.sum(),
        c.tooLarge.sum(),
        cache.context().values().unreadableCount());
  }

  /** Returns the counters of a cache that has closed: its entries have left memory. */
  CacheTotals withoutEntries() {
    TierStats.MemoryTier m = memory;
    long in = m.puts() + m.promotions();
    long out = m.overwritten() + m.invalidated() + m.spilled() + m.dropped() + m.expired();
    return new CacheTotals(
        new TierStats.MemoryTier(
            m.hits(),
            m.puts(),
            m.promotions(),
            m.overwritten(),
            m.invalidated(),
            m.spilled(),
            in - out,
            m.dropped(),
            m.expired(),
            0,
            0),
        fileHits,
        misses,
        tooLarge,
        unreadable);
  }

  CacheTotals plus(CacheTotals other) {
    TierStats.MemoryTier a = memory;
    TierStats.MemoryTier b = other.memory;
    return new CacheTotals(
        new TierStats.MemoryTier(
            a.hits() + b.hits(),
            a.puts() + b.puts(),
            a.promotions() + b.promotions(),
            a.overwritten() + b.overwritten(),
            a.invalidated() + b.invalidated(),
            a.spilled() + b.spilled(),
            a.droppedClean() + b.droppedClean(),
            a.dropped() + b.dropped(),
            a.expired() + b.expired(),
            a.entries() + b.entries(),
            a.tooLarge() + b.tooLarge()),
        fileHits + other.fileHits,
        misses + other.misses,
        tooLarge + other.tooLarge,
        unreadable + other.unreadable);
  }
}
