package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.base.Counter;
import dev.carafe.tier.Entry;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the entries of a key, under the key's lock. If Caffeine throws in the middle of a
 * change, because the heap is full or the application's expiry throws, an entry that it has
 * unlinked is released (contract F5).
 *
 * @param <K> keys
 */
final class IndexChanges<K> {
  private final HeapIndex<K> index;
  private final CacheStorage storage;
  private final Demotion<K> demotion;
  private final EntryLookup<K> lookup;
  private final Iterations<K> iterations;
  private final Expiration<K, ?> expiration;
  private final EntryRemovals<K> removals;
  private final Counters counters;

  /** Whether a change has failed and may have left a superseded entry in the index. */
  private volatile boolean incomplete;

  IndexChanges(
      CacheStorage storage,
      CacheState<K> cache,
      HeapIndex<K> index,
      Demotion<K> demotion,
      EntryRemovals<K> removals) {
    this.storage = storage;
    this.index = index;
    this.demotion = demotion;
    this.removals = removals;
    this.lookup = cache.lookup();
    this.iterations = cache.iterations();
    this.expiration = cache.expiration();
    this.counters = cache.counters();
  }

  /**
   * Publishes an entry.
   *
   * @param old the key's entry in index or spill, which the new one replaces; null if it has none
   * @param counter incremented if the entry is published
   * @return whether the old entry was still in memory
   */
  boolean put(K key, Entry fresh, @Nullable Entry old, Counter counter) {
    if (old == null) {
      insert(fresh, counter);
      return false;
    }
    lookup.setSuccessor(old, fresh);
    boolean left = false;
    boolean completed = false;
    try {
      boolean wasRecent = lookup.supersede(old);
      insert(fresh, counter);
      storage.locks.incrementVersion(key);
      iterations.addOverwritten(key);
      left = unlink(old, counters.overwritten);
      if (wasRecent) {
        storage.memory.reads().addToRecentReads(fresh);
      }
      completed = true;
    } finally {
      lookup.removeSuccessor(old);
      end(old, completed);
    }
    return left;
  }

  private void insert(Entry fresh, Counter counter) {
    boolean put = false;
    storage.memory.generation().add(fresh);
    counter.increment();
    fresh.setCounted(true);
    try {
      index.put(fresh);
      put = true;
    } finally {
      if (!put && !demotion.isReachable(fresh)) { // true if the lookup fails
        fresh.setCounted(false);
        counter.decrement();
      }
    }
  }

  /**
   * Removes the key's entry.
   *
   * @param counter incremented if it was in memory and has not expired
   * @return whether it was in memory
   */
  boolean remove(K key, Entry old, Counter counter) {
    boolean left = false;
    boolean completed = false;
    try {
      var _ = lookup.supersede(old);
      storage.locks.incrementVersion(key);
      left = unlink(old, counter);
      completed = true;
    } finally {
      end(old, completed);
    }
    return left;
  }

  private void end(Entry old, boolean completed) {
    if (!completed) {
      incomplete = true;
      demotion.releaseIfUnreachable(old);
    }
  }

  /** Removes the superseded entries that changes which failed have left in the index. */
  void removeSuperseded() {
    if (incomplete) {
      incomplete = false;
      for (Entry entry : index.entries()) {
        if (!storage.memory.generation().isLive(entry)) {
          removeSuperseded(entry);
        }
      }
    }
  }

  private void removeSuperseded(Entry entry) {
    ReentrantLock lock = storage.locks.ofEntry(entry);
    if (!lock.tryLock()) {
      incomplete = true; // the change may be under way
      return;
    }
    try {
      var _ = unlink(entry, counters.overwritten);
    } finally {
      lock.unlock();
    }
  }

  /** Removes a superseded entry from index or spill, and releases it. */
  private boolean unlink(Entry old, Counter counter) {
    boolean indexed = index.remove(old);
    boolean spilled = !indexed && storage.spill.remove(old);
    boolean expired = spilled && expiration.isExpired(old.expiresAtNanos());
    if (expired) {
      removals.entryRemoved(old, RemovalCause.EXPIRED);
    }
    boolean released = storage.memory.release(old, expired ? counters.expired : counter);
    return (indexed || spilled) && released;
  }
}
