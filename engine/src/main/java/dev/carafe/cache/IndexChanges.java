package dev.carafe.cache;

import dev.carafe.base.Counter;
import dev.carafe.tier.Entry;
import dev.carafe.tier.MemoryTier;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the heap index, under the key's lock. If Caffeine throws in the middle of a change,
 * because the heap is full or the application's expiry throws, the entry that it has unlinked is
 * released (contract F5).
 *
 * @param <K> keys
 */
final class IndexChanges<K> {
  private final HeapIndex<K> index;
  private final Demotion<K> demotion;
  private final MemoryTier memory;

  IndexChanges(HeapIndex<K> index, Demotion<K> demotion, MemoryTier memory) {
    this.index = index;
    this.memory = memory;
    this.demotion = demotion;
  }

  HeapIndex<K> index() {
    return index;
  }

  /**
   * The entry that a put replaces.
   *
   * @param current the key's entry; null if it has none
   * @param wasRecent whether the table of recent reads held it
   */
  record Replaced(@Nullable Entry current, boolean wasRecent) {
    static final Replaced NONE = new Replaced(null, false);
  }

  /**
   * Publishes an entry.
   *
   * @param counter incremented if the entry is published
   * @return the replaced entry, which the caller releases
   */
  @Nullable Entry put(K key, Entry fresh, Replaced replaced, Counter counter) {
    boolean put = false;
    counter.increment();
    fresh.setCounted(true);
    try {
      Entry old = index.put(key, fresh);
      put = true;
      if (replaced.wasRecent) {
        memory.reads().addToRecentReads(fresh);
      }
      return old;
    } finally {
      if (!put) {
        if (!demotion.isReachable(key, fresh)) { // true if the lookup fails
          fresh.setCounted(false);
          counter.decrement();
        }
        demotion.releaseIfUnreachable(key, replaced.current);
      }
    }
  }

  /**
   * Removes a key.
   *
   * @param current the key's entry; null if it has none
   * @return the removed entry, which the caller releases
   */
  @Nullable Entry remove(K key, @Nullable Entry current) {
    boolean removed = false;
    try {
      Entry old = index.remove(key);
      removed = true;
      return old;
    } finally {
      if (!removed) {
        demotion.releaseIfUnreachable(key, current);
      }
    }
  }

  /**
   * Supersedes the key's entry before the key gets another value or none, and removes the key from
   * the table of recent reads (invariant 7).
   *
   * @param current the key's entry, as {@link Tiers#findQuietly} returned it
   * @return whether the table of recent reads held it
   */
  boolean supersede(K key, @Nullable Entry current) {
    if (current == null) {
      return false;
    }
    boolean wasRecent = memory.reads().removeFromRecentReads(key);
    current.supersede();
    return wasRecent;
  }
}
