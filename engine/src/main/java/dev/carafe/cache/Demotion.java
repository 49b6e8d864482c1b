package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.base.Counter;
import dev.carafe.tier.Entry;
import dev.carafe.tier.MemoryTier;
import dev.carafe.tier.PressureListener;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Removal of entries from memory, by the policy or because the pool needs their chunks. The chunks
 * are freed even if the application's code throws (contract F5).
 *
 * @param <K> keys
 */
final class Demotion<K> implements PressureListener {
  private final Tiers<K> tiers;
  private final Spill<K> spill;
  private final MemoryTier memory;

  Demotion(Tiers<K> tiers, Spill<K> spill) {
    this.tiers = tiers;
    this.spill = spill;
    this.memory = tiers.memory;
  }

  /**
   * Handles Caffeine's eviction of an entry. Caffeine calls it under its locks, so it only moves
   * the entry to the spill. Expired entries enter the spill too. The settling of an expired entry
   * drops its record from the file.
   */
  void onEviction(Entry entry, RemovalCause cause) {
    Counters counters = tiers.counters;
    if (tiers.file == null) {
      if (!entry.isReleased()) { // else a change that failed has released it before
        tiers.tracker.entryRemoved(entry, cause);
      }
      Counter counter = cause == RemovalCause.EXPIRED ? counters.expired : counters.dropped;
      var _ = memory.release(entry, counter);
      return;
    }
    boolean waits = false;
    try {
      @SuppressWarnings("unchecked")
      K key = (K) entry.key();
      Entry older = spill.put(key, entry);
      waits = true;
      tiers.releaseReplaced(older, entry);
    } finally {
      if (!waits) { // out of memory, or the key's methods threw: the value is dropped
        entry.supersede();
        var _ = memory.release(entry, counters.dropped);
      }
    }
  }

  @Override
  public void evictExcess() {
    tiers.index().cleanUp();
    spill.drain();
  }

  @Override
  public void demote(Entry entry) {
    @SuppressWarnings("unchecked")
    K key = (K) entry.key();
    ReentrantLock lock = tiers.locks.of(key);
    if (lock.tryLock()) {
      try {
        tiers.index().evict(key, entry, () -> onEviction(entry, RemovalCause.SIZE));
        spill.settle(key, entry);
        if (entry.pinCount() == 0) { // else it is not published yet
          releaseIfUnreachable(key, entry);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Returns whether index or spill holds the entry. If the lookup fails, because the stack or the
   * heap is exhausted, the result is true: {@link #releaseIfUnreachable} repeats the lookup when
   * the pool needs the chunk.
   */
  boolean isReachable(K key, Entry entry) {
    try {
      return tiers.index().entries().get(key) == entry || spill.get(key) == entry;
    } catch (Throwable t) {
      tiers.removals.errors().report("looking a key up failed", t);
      return true;
    }
  }

  /**
   * Releases an entry that neither index nor spill holds, because its publication, or a change that
   * replaced it, failed. Counts the release if the entry was counted when it was added.
   *
   * @param entry null if there is none
   */
  void releaseIfUnreachable(K key, @Nullable Entry entry) {
    if (entry != null && !entry.isReleased() && !isReachable(key, entry)) {
      var _ = memory.release(entry, entry.isCounted() ? tiers.counters.dropped : null);
    }
  }
}
