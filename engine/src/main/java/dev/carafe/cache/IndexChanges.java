package dev.carafe.cache;

import dev.carafe.base.Counter;
import dev.carafe.tier.Entry;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the heap index, under the key's lock. Where Caffeine throws half-way, because the heap
 * is full or the application's expiry throws, the entry that it let go of is released (contract
 * F5).
 *
 * @param <K> keys
 */
final class IndexChanges<K> {
  private final HeapIndex<K> index;
  private final Demotion<K> demotion;

  IndexChanges(HeapIndex<K> index, Demotion<K> demotion) {
    this.index = index;
    this.demotion = demotion;
  }

  HeapIndex<K> index() {
    return index;
  }

  /**
   * The entry that a put replaces.
   *
   * @param current what the key has; null if it has nothing
   * @param wasRecent whether a shortcut led to it
   */
  record Replaced(@Nullable Entry current, boolean wasRecent) {
    static final Replaced NONE = new Replaced(null, false);
  }

  /**
   * Publishes an entry.
   *
   * @param counter counts it, unless it did not get in
   * @return the entry it replaced, now the caller's to release
   */
  @Nullable Entry put(K key, Entry fresh, Replaced replaced, Counter counter) {
    boolean put = false;
    counter.increment();
    try {
      Entry old = index.put(key, fresh, replaced.wasRecent);
      put = true;
      return old;
    } finally {
      if (!put) {
        if (!demotion.isReachable(key, fresh)) {
          counter.decrement();
        }
        demotion.releaseReplaced(key, replaced.current);
      }
    }
  }

  /**
   * Removes a key.
   *
   * @param current what the key has; null if it has nothing
   * @return its entry, now the caller's to release
   */
  @Nullable Entry remove(K key, @Nullable Entry current) {
    boolean removed = false;
    try {
      Entry old = index.remove(key);
      removed = true;
      return old;
    } finally {
      if (!removed) {
        demotion.releaseReplaced(key, current);
      }
    }
  }

  /**
   * Before the key gets another value or none: no other thread moves its entry then but from the
   * index to the spill, so what was found is the one that a shortcut could find (invariant 7).
   *
   * @param current what the key has, as {@link Tiers#findQuietly} found it
   * @return whether a shortcut led to it
   */
  boolean supersede(K key, @Nullable Entry current) {
    if (current == null) {
      return false;
    }
    current.supersede();
    return index.forgetRecent(key, current);
  }
}
