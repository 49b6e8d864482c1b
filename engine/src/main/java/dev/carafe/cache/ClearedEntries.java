package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.Cache;
import dev.carafe.base.Counter;
import dev.carafe.tier.Entry;
import dev.carafe.tier.MemoryTier;
import java.util.Iterator;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The entries that {@code clear()} has removed from the index and that are not yet released. Their
 * generation has ended, so no lookup returns them.
 *
 * <p>A task on the executor releases them. So do threads that need their chunks, and the next clear
 * of the cache. An entry that Caffeine has evicted meanwhile is in the spill.
 *
 * <p>Thread-safe.
 */
final class ClearedEntries {
  /** How many entries are released under the lock at once, in about 0.2 ms. */
  private static final int BATCH = 1024;

  private final MemoryTier memory;
  private final Counter counter;
  private final boolean entriesExpire;
  private final Runnable releaseSpilled;
  private final ReentrantLock lock = new ReentrantLock();

  /** The index that has been cleared; null if all its entries are released. */
  private volatile @Nullable Cache<Object, Entry> index;

  private @Nullable Iterator<Entry> rest; // guarded by lock

  /**
   * Creates an object without entries.
   *
   * @param memory of the cache
   * @param counter counts the released entries
   * @param entriesExpire whether the cache has an expiry
   * @param releaseSpilled releases the entries in the spill that are not live
   */
  ClearedEntries(
      MemoryTier memory, Counter counter, boolean entriesExpire, Runnable releaseSpilled) {
    this.memory = memory;
    this.counter = counter;
    this.entriesExpire = entriesExpire;
    this.releaseSpilled = releaseSpilled;
  }

  boolean isEmpty() {
    return index == null;
  }

  /** Adds the entries of an index. All entries that were added before are released. */
  void add(Cache<Object, Entry> cleared) {
    index = cleared;
  }

  /** Releases a batch of entries. */
  void releaseSome() {
    if (isEmpty()) {
      return;
    }
    lock.lock();
    try {
      Cache<Object, Entry> cleared = index;
      if (cleared != null) {
        releaseSome(cleared);
      }
    } finally {
      lock.unlock();
    }
  }

  private void releaseSome(Cache<Object, Entry> cleared) {
    Iterator<Entry> next = rest == null ? cleared.asMap().values().iterator() : rest;
    rest = null; // if the heap is full, the next batch begins again
    for (int i = 0; i < BATCH && next.hasNext(); i++) {
      var _ = memory.release(next.next(), counter);
      if (entriesExpire) {
        next.remove();
      }
    }
    if (next.hasNext()) {
      rest = next;
    } else {
      cleared.invalidateAll(); // the iterator hides expired entries: they are evicted
      releaseSpilled.run();
      index = null;
    }
  }

  /** Releases all entries. */
  void releaseAll() {
    while (!isEmpty()) {
      releaseSome();
    }
  }
}
