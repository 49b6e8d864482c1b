package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.base.ErrorLog;
import dev.carafe.tier.Entry;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Removal of entries from memory when the pool needs their chunks. The chunks are freed even if the
 * application's code throws (contract F5).
 *
 * @param <K> keys
 */
final class Demotion<K> {
  private final HeapIndex<K> index;
  private final CacheStorage storage;
  private final SpillWriter<K> writer;
  private final Evictions<K> evictions;
  private final Counters counters;
  private final ClearedEntries cleared;
  private final ErrorLog errors;

  Demotion(
      CacheStorage storage,
      CacheState<K> cache,
      HeapIndex<K> index,
      SpillWriter<K> writer,
      Evictions<K> evictions,
      ClearedEntries cleared) {
    this.storage = storage;
    this.index = index;
    this.writer = writer;
    this.evictions = evictions;
    this.cleared = cleared;
    this.counters = cache.counters();
    this.errors = cache.errors();
  }

  ClearedEntries cleared() {
    return cleared;
  }

  /** Releases all cleared entries, lets the policy evict, and settles evicted entries. */
  void evictExcess() {
    cleared.releaseAll();
    index.cleanUp();
    writer.drain();
  }

  /**
   * Removes an entry from memory, if memory still has it, although the policy has not chosen it.
   */
  void demote(Entry entry) {
    ReentrantLock lock = storage.locks.ofEntry(entry);
    if (lock.tryLock()) {
      try {
        index.evict(entry, () -> evictions.onEviction(entry, RemovalCause.SIZE));
        writer.settle(entry);
        if (entry.pinCount() == 0) { // else it is not published yet
          releaseIfUnreachable(entry);
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
  boolean isReachable(Entry entry) {
    try {
      return index.contains(entry) || storage.spill.contains(entry);
    } catch (Throwable t) {
      errors.report("looking an entry up failed", t);
      return true;
    }
  }

  /**
   * Releases an entry that neither index nor spill holds, because its publication, or a change that
   * replaced it, failed. Counts the release if the entry was counted when it was added.
   */
  void releaseIfUnreachable(Entry entry) {
    if (!entry.isReleased() && !isReachable(entry)) {
      var _ = storage.memory.release(entry, entry.isCounted() ? counters.dropped : null);
    }
  }
}
