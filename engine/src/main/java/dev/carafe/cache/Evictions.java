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
  private final Spill<K> spill;
  private final MemoryTier memory;
  private final Counters counters;
  private final RemovalTracker<K> tracker;
  private final boolean hasFile;

  Evictions(Tiers<K> tiers, Spill<K> spill) {
    this.spill = spill;
    this.memory = tiers.memory;
    this.counters = tiers.counters;
    this.tracker = tiers.tracker;
    this.hasFile = tiers.file != null;
  }

  /**
   * Handles Caffeine's eviction of an entry. Caffeine calls it under its locks, so it only moves
   * the entry to the spill. Expired entries enter the spill too. The settling of an expired entry
   * drops its record from the file.
   */
  void onEviction(Entry entry, RemovalCause cause) {
    if (!hasFile) {
      if (entry.isLive()) { // else a change that failed has superseded or released it
        tracker.entryRemoved(entry, cause);
      }
      Counter counter = cause == RemovalCause.EXPIRED ? counters.expired : counters.dropped;
      var _ = memory.release(entry, counter);
      return;
    }
    boolean waits = false;
    try {
      spill.put(entry);
      waits = true;
    } finally {
      if (!waits) { // the heap is full: the value is dropped
        entry.supersede();
        var _ = memory.release(entry, counters.dropped);
      }
    }
  }
}
