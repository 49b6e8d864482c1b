package dev.carafe.cache;

import dev.carafe.cache.EntryLookup.Probe;
import dev.carafe.tier.Entry;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Finds the entries of keys in memory: first in the index, then in the spill (invariant 1 of {@link
 * Tiers}).
 *
 * @param <K> keys
 */
final class MemoryEntries<K> {
  private final CacheStorage storage;
  private final EntryLookup<K> lookup;
  private final Expiration<K, ?> expiration;
  private final HeapIndex<K> index;
  private final StaleRecords<K> staleRecords;

  MemoryEntries(
      CacheStorage storage, CacheState<K> cache, HeapIndex<K> index, StaleRecords<K> staleRecords) {
    this.storage = storage;
    this.lookup = cache.lookup();
    this.expiration = cache.expiration();
    this.index = index;
    this.staleRecords = staleRecords;
  }

  /**
   * Returns the entry of the key in the index or in the spill, and records the read for the policy.
   */
  @Nullable Entry find(K key) {
    Probe<K> probe = lookup.probe(key);
    Entry entry = readIndex(key, probe);
    return entry != null ? entry : findSpilled(probe);
  }

  /**
   * Returns the entry of the key in the index, and records the read for the policy. The next reads
   * in this period find the entry in the table of recent reads.
   */
  @Nullable Entry readIndex(K key) {
    return readIndex(key, lookup.probe(key));
  }

  private @Nullable Entry readIndex(K key, Probe<K> probe) {
    Entry entry = index.get(probe);
    if (entry != null && entry.isShortened()) { // the read may shorten the lifetime
      staleRecords.remove(key, entry);
    }
    if (entry != null && storage.memory.reads().recentReads() != null) {
      ReentrantLock lock = storage.locks.ofEntry(entry);
      if (lock.tryLock()) { // else the key is being changed
        try {
          storage.memory.reads().addToRecentReads(entry);
        } finally {
          lock.unlock();
        }
      }
    }
    return entry;
  }

  /** As {@link #find}, without recording the read. */
  @Nullable Entry findQuietly(K key) {
    Probe<K> probe = lookup.probe(key);
    Entry entry = index.getQuietly(probe);
    return entry != null ? entry : findSpilled(probe);
  }

  /**
   * Returns the entry of the key in the index or in the spill, also if it has expired. If the index
   * holds an expired entry, that moves to the spill. The caller holds the key's lock, and replaces
   * or removes the entry.
   */
  @Nullable Entry findAny(K key) {
    Probe<K> probe = lookup.probe(key);
    Entry entry = index.getQuietly(probe);
    if (entry == null && expiration.isOn()) {
      index.evictExpired(probe);
    }
    return entry != null ? entry : inSpill(probe);
  }

  private @Nullable Entry findSpilled(Probe<K> probe) {
    Entry entry = inSpill(probe);
    return entry != null && !expiration.isExpired(entry.expiresAtNanos()) ? entry : null;
  }

  /** Returns the entry of the key in the spill, expired or not. */
  @Nullable Entry inSpill(Probe<K> probe) {
    return storage.spill.isEmpty() ? null : lookup.find(storage.spill.lookup(), probe);
  }

  /** Evicts the key's entry if it has expired; returns whether the spill holds an entry then. */
  boolean isSpilledAfterExpiry(K key) {
    Probe<K> probe = lookup.probe(key);
    index.evictExpired(probe);
    return inSpill(probe) != null;
  }

  /** Returns the number of entries. */
  long count() {
    return index.count() + storage.spill.size();
  }
}
