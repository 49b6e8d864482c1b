package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.FileOptions.Persist;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.FileValue;
import dev.carafe.tier.MemoryTier;
import java.lang.foreign.MemorySegment;
import java.util.Set;
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
 *   <li>6. The key's count of moves is incremented after a value was stored in one place and before
 *       the key's value is removed from another ({@link KeyLocks#moved}). A lookup that finds
 *       nothing in the three places is a miss only if the count did not change meanwhile (R4).
 *   <li>7. An entry is marked superseded or released before it ceases to be its key's value, so
 *       that readers of {@link dev.carafe.tier.RecentReads}, which is outside of the three places,
 *       detect a stale entry.
 * </ul>
 *
 * <p>Proved by {@code BetweenTheTiersTest} and {@code TiersLincheckTest}.
 *
 * @param <K> keys
 */
final class Tiers<K> {
  private static final int LOCKS = 1024;

  final MemoryTier memory;
  final @Nullable FileTier file;
  final KeyLocks locks = new KeyLocks(LOCKS);
  final Counters counters = new Counters();
  final Flights<K> flights = new Flights<>(locks);
  final Walks<K> walks = new Walks<>();
  final KeyEncoder<K> keys;
  final Expiration<K, ?> expiration;
  final Set<Persist> persist;
  final RemovalNotifier<K, ?> removals;
  final RemovalTracker<K> tracker;
  final DirtyEntries<K> dirty;
  final Demotion<K> demotion;

  final IndexChanges<K> changes;
  private final Spill<K> spill;

  Tiers(
      MemoryTier memory,
      @Nullable FileTier file,
      KeyEncoder<K> keys,
      Expiration<K, ?> expiration,
      Set<Persist> persist,
      RemovalNotifier<K, ?> removals,
      Function<BiConsumer<Entry, RemovalCause>, HeapIndex<K>> index) {
    this.memory = memory;
    this.file = file;
    this.keys = keys;
    this.expiration = expiration;
    this.persist = persist;
    this.removals = removals;
    this.tracker = new RemovalTracker<>(this);
    this.spill = new Spill<>(this);
    this.dirty = new DirtyEntries<>(this, spill);
    Evictions<K> evictions = new Evictions<>(this, spill);
    HeapIndex<K> heapIndex = index.apply(evictions::onEviction);
    this.demotion = new Demotion<>(this, heapIndex, spill, evictions);
    this.changes = new IndexChanges<>(heapIndex, demotion, memory);
  }

  HeapIndex<K> index() {
    return changes.index();
  }

  Spill<K> spill() {
    return spill;
  }

  /**
   * Returns the entry of the key in the index or in the spill, and records the read for the policy.
   */
  @Nullable Entry find(K key) {
    return skipReleased(key, readIndex(key));
  }

  /**
   * Returns the entry of the key in the index, and records the read for the policy. The next reads
   * in this period find the entry in the table of recent reads.
   */
  @Nullable Entry readIndex(K key) {
    Entry entry = StaleRecords.read(this, key);
    if (entry != null && memory.reads().recentReads() != null) {
      ReentrantLock lock = locks.of(key);
      if (lock.tryLock()) { // else the key is being changed
        try {
          memory.reads().addToRecentReads(entry);
        } finally {
          lock.unlock();
        }
      }
    }
    return entry;
  }

  /** As {@link #find}, without recording the read. */
  @Nullable Entry findQuietly(K key) {
    return skipReleased(key, index().getQuietly(key));
  }

  private @Nullable Entry skipReleased(K key, @Nullable Entry indexed) {
    Entry entry = indexed;
    while (entry != null && entry.isReleased()) {
      entry = index().dropReleased(key, entry);
    }
    return entry != null ? entry : findSpilled(key);
  }

  private @Nullable Entry findSpilled(K key) {
    Entry entry = spill.get(key);
    return entry != null && !expiration.isExpired(entry.expiresAtNanos()) ? entry : null;
  }

  /** Returns the encoded key, which is stored with the value in memory. */
  MemorySegment encoded(K key, @Nullable FileKey bytes) {
    return bytes == null ? MemorySegment.ofArray(keys.encode(key)) : bytes.bytes();
  }

  /** Encodes the key if the cache has a file; else null. */
  @Nullable FileKey keyBytes(K key) {
    return file == null ? null : keys.of(key);
  }

  /**
   * Returns whether the file may hold the key's value. False positives are possible, false
   * negatives are not.
   */
  boolean mayBeInFile(@Nullable FileKey key) {
    return file != null && key != null && file.contains(key.hash());
  }

  /** Reads a value from the file into a new chunk; null is a miss. */
  @Nullable FileValue readFile(FileKey key) {
    return file == null ? null : file.read(key);
  }

  /**
   * Removes a key from all places.
   *
   * @return whether it had a value
   */
  boolean remove(K key, @Nullable FileKey bytes) {
    ReentrantLock lock = locks.of(key);
    lock.lock();
    try {
      return remove(key, bytes, RemovalCause.EXPLICIT);
    } finally {
      lock.unlock();
    }
  }

  private boolean remove(K key, @Nullable FileKey bytes, RemovalCause cause) {
    byte[] before = tracker.copyOf(key, bytes);
    flights.supersede(key, cause); // first: a load that begins after the removal is newer (R4)
    Entry current = findQuietly(key);
    var _ = changes.supersede(key, current);
    Entry old = changes.remove(key, current);
    if (old != null) {
      counters.invalidated.increment();
      var _ = memory.release(old, null);
    }
    boolean hadOlder = removeOlder(key, bytes, null);
    tracker.notifyRemoved(key, before, old, cause);
    return hadOlder || old != null;
  }

  /**
   * Releases an expired entry that the index still holds. The caller holds the key's lock and found
   * no value.
   */
  void removeExpired(K key) {
    releaseReplaced(index().remove(key), null);
  }

  /** Replaces the key's value by a future of the application. */
  void putFuture(K key, @Nullable FileKey bytes, Load load) {
    ReentrantLock lock = locks.of(key);
    lock.lock();
    try {
      flights.supersedeForFuture(key, load);
      remove(key, bytes, RemovalCause.REPLACED);
      flights.put(key, load);
    } finally {
      lock.unlock();
    }
  }

  void releaseReplaced(@Nullable Entry old, @Nullable Entry fresh) {
    if (old != null && old != fresh) {
      var _ =
          memory.release(old, counters.overwritten); // unless it was released and counted before
    }
  }

  /**
   * Removes the older values of the key from spill and file, but not the new entry (invariant 3).
   */
  boolean removeOlder(K key, @Nullable FileKey bytes, @Nullable Entry fresh) {
    boolean had = false;
    if (file != null) {
      locks.moved(key);
      walks.movedUp(key);
    }
    Entry waiting = spill.get(key);
    if (waiting != null && waiting != fresh && spill.remove(key, waiting)) {
      had = !expiration.isExpired(waiting.expiresAtNanos());
      (had ? counters.overwritten : counters.expired).increment();
      if (!had) {
        tracker.entryRemoved(waiting, RemovalCause.EXPIRED);
      }
      var _ = memory.release(waiting, null);
    }
    if (file != null && bytes != null) {
      had |= file.remove(bytes, true);
    }
    return had;
  }

  boolean isSpilling() {
    return !spill.isEmpty();
  }

  /** Returns whether an evicted entry of the key, expired or not, is queued. */
  boolean isWaiting(K key) {
    return spill.get(key) != null;
  }

  /** Writes evicted entries to the file, except those whose key locks other threads hold. */
  void drain() {
    spill.drain();
  }

  /** Returns the number of entries in index and spill. */
  long memoryCount() {
    return index().count() + spill.size();
  }
}
