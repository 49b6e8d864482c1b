package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.tier.AccessSample;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.FileValue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The places that can hold a value, and the moves between them.
 *
 * <p>Readers search three places in the order in which values move down, so that a reader can't
 * miss a value that moves:
 *
 * <pre>
 *   index  ──evicted──►  spill  ──settled──►  file
 *     ▲                                         │
 *     └──────────────── promoted ◄──────────────┘
 * </pre>
 *
 * <ul>
 *   <li>1. A value is stored in its new place before it is removed from the old one.
 *   <li>2. Writers of a key hold its lock. Evictions do not; they only move an entry from the index
 *       to the spill, which readers search after the index.
 *   <li>3. A write publishes the new entry, then removes older values from spill and file, then
 *       supersedes loads under way, so that their values are not installed (R1, R2). A removal
 *       supersedes loads first: a load that begins after the value was removed is ordered after the
 *       removal (R4).
 *   <li>4. An entry leaves the spill only under its key's lock.
 *   <li>5. A value is appended to the file only while it is the key's current value, checked under
 *       the key's lock. So the order of the log is the order of the writes (D3).
 *   <li>6. The version of the key's lock is incremented after a value was stored in one place and
 *       before the key's value is removed from another ({@link KeyLocks#incrementVersion}). A
 *       lookup that finds nothing in the three places is a miss only if the version did not change
 *       meanwhile (R4).
 *   <li>7. An entry is marked superseded or released, or its generation ends, at the moment at
 *       which it ceases to be its key's value. If a new entry takes its place, that is its
 *       successor before ({@link EntryLookup}). So readers detect a stale entry however they found
 *       it.
 * </ul>
 *
 * <p>{@link CacheStorage} holds what does not depend on the types of keys and values: memory, file,
 * key locks and spill. {@link CacheState} holds the rest, except the index.
 *
 * <p>Proved by {@code BetweenTheTiersTest} and {@code TiersLincheckTest}.
 *
 * @param <K> keys
 */
final class Tiers<K> {
  final CacheStorage storage;
  final CacheState<K> cache;
  final MemoryEntries<K> entries;
  final HeapIndex<K> index;
  final IndexChanges<K> changes;
  final SpillWriter<K> writer;
  final DirtyEntries<K> dirty;
  final StaleRecords<K> staleRecords;
  final Demotion<K> demotion;
  final RemovalTracker<K> tracker;
  final Accesses accesses;
  final PromotionFilter promotionFilter = new PromotionFilter();

  Tiers(
      CacheStorage storage,
      CacheState<K> cache,
      @Nullable AccessSample sample,
      Function<BiConsumer<Entry, RemovalCause>, HeapIndex<K>> index) {
    this.storage = storage;
    this.cache = cache;
    EntryRemovals<K> entryRemovals = new EntryRemovals<>(storage, cache);
    this.writer = new SpillWriter<>(storage, cache, entryRemovals);
    this.dirty = new DirtyEntries<>(storage, cache, writer);
    this.staleRecords = new StaleRecords<>(storage, cache, dirty);
    Evictions<K> evictions =
        new Evictions<>(storage, cache.counters(), entryRemovals, promotionFilter);
    this.index = index.apply(evictions::onEviction);
    ClearedEntries cleared =
        new ClearedEntries(
            storage.memory,
            cache.counters().invalidated,
            cache.expiration().isOn(),
            writer::releaseCleared);
    this.demotion = new Demotion<>(storage, cache, this.index, writer, evictions, cleared);
    this.changes = new IndexChanges<>(storage, cache, this.index, demotion, entryRemovals);
    this.entries = new MemoryEntries<>(storage, cache, this.index, staleRecords);
    this.tracker = new RemovalTracker<>(storage, cache, entries);
    this.accesses = new Accesses(cache.counters(), storage, sample);
  }

  /** Encodes the key if the cache has a file; else null. */
  @Nullable FileKey keyBytes(K key) {
    return cache.keys().ofFile(key);
  }

  /**
   * Returns the file if it keeps all records, so that each value is written before it is published.
   */
  @Nullable FileTier keepingFile() {
    FileTier file = storage.file;
    return file != null && file.capacity().keepsAll() ? file : null;
  }

  /** As {@link CacheStorage#mayBeInFile}. */
  boolean mayBeInFile(@Nullable FileKey key) {
    return storage.mayBeInFile(key);
  }

  /** Reads a value from the file into a new chunk; null is a miss. */
  @Nullable FileValue readFile(FileKey key) {
    return storage.readFile(key);
  }

  /**
   * Removes a key from all places.
   *
   * @return whether it had a value
   */
  boolean remove(K key, @Nullable FileKey bytes) {
    ReentrantLock lock = storage.locks.of(key);
    lock.lock();
    try {
      return remove(key, bytes, RemovalCause.EXPLICIT);
    } finally {
      lock.unlock();
    }
  }

  private boolean remove(K key, @Nullable FileKey bytes, RemovalCause cause) {
    byte[] before = tracker.copyOf(key, bytes);
    cache
        .flights()
        .supersede(key, cause); // first: a load that begins after the removal is newer (R4)
    Entry current = entries.findAny(key);
    boolean expired = current != null && cache.expiration().isExpired(current.expiresAtNanos());
    boolean left = current != null && changes.remove(key, current, cache.counters().invalidated);
    boolean inFile = removeRecord(key, bytes);
    accesses.removed(key);
    tracker.notifyRemoved(key, before, left, cause);
    return inFile || (left && !expired);
  }

  /**
   * Releases an expired entry that the index still holds. The caller holds the key's lock and found
   * no value.
   */
  void removeExpired(K key) {
    Entry expired = entries.findAny(key);
    if (expired != null) {
      var _ = changes.remove(key, expired, cache.counters().overwritten);
    }
  }

  /** Replaces the key's value by a future of the application. */
  void putFuture(K key, @Nullable FileKey bytes, Load load) {
    ReentrantLock lock = storage.locks.of(key);
    lock.lock();
    try {
      cache.flights().supersedeForFuture(key, load);
      remove(key, bytes, RemovalCause.REPLACED);
      cache.flights().put(key, load);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Removes the key's record from the file, after a new value is in memory or before the key has
   * none (invariant 3).
   *
   * @return whether the file had one
   */
  boolean removeRecord(K key, @Nullable FileKey bytes) {
    if (storage.file == null) {
      return false;
    }
    storage.locks.incrementVersion(key);
    cache.iterations().addOverwritten(key);
    boolean existed = bytes != null && storage.file.remove(bytes, true);
    if (existed) {
      accesses.recordRemoved(key);
    }
    return existed;
  }
}
