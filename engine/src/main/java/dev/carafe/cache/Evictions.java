package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.base.Counter;
import dev.carafe.tier.Entry;
import dev.carafe.tier.MemoryTier;

/**
 * The entries that Caffeine's policy evicts: with a file they move to the spill, without one they
 * leave the cache.
 *
 * @param <K> keys
 */
final class Evictions<K> {
  private final SpillQueue spill;
  private final MemoryTier memory;
  private final Counters counters;
  private final EntryRemovals<K> removals;
  private final PromotionFilter promotionFilter;
  private final boolean hasFile;

  Evictions(
      CacheStorage storage,
      Counters counters,
      EntryRemovals<K> removals,
      PromotionFilter promotionFilter) {
    this.spill = storage.spill;
    this.memory = storage.memory;
    this.counters = counters;
    this.removals = removals;
    this.promotionFilter = promotionFilter;
    this.hasFile = storage.file != null;
  }

  /**
   * Handles Caffeine's eviction of an entry. Caffeine calls it under its locks, so it only moves
   * the entry to the spill. Expired entries enter the spill too. The settling of an expired entry
   * drops its record from the file.
   */
  void onEviction(Entry entry, RemovalCause cause) {
    if (!hasFile) {
      if (memory
          .generation()
          .isLive(entry)) { // else it was cleared, or a change that failed has released it
        removals.entryRemoved(entry, cause);
      }
      Counter counter = cause == RemovalCause.EXPIRED ? counters.expired : counters.dropped;
      var _ = memory.release(entry, counter);
      return;
    }
    if (cause == RemovalCause.SIZE) {
      promotionFilter.recordEviction();
    }
    boolean waits = false;
    try {
      spill.add(entry);
      waits = true;
    } finally {
      if (!waits) { // the heap is full: the value is dropped
        entry.supersede();
        var _ = memory.release(entry, counters.dropped);
      }
    }
  }
}
