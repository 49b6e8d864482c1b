package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.FileOptions.Persist;
import dev.carafe.cache.EntryLookup.Probe;
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
 *   <li>7. An entry is marked superseded or released at the moment at which it ceases to be its
 *       key's value. If a new entry takes its place, that is its successor before ({@link
 *       EntryLookup}). So readers detect a stale entry however they found it.
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
  final KeyLocks locks;
  final Counters counters = new Counters();
  final Flights<K> flights;
  final Walks<K> walks = new Walks<>();
  final EntryLookup<K> lookup;
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
      EntryLookup<K> lookup,
      Expiration<K, ?> expiration,
      Set<Persist> persist,
      RemovalNotifier<K, ?> removals,
      Function<BiConsumer<Entry, RemovalCause>, HeapIndex<K>> index) {
    this.memory = memory;
    this.file = file;
    this.lookup = lookup;
    this.locks = new KeyLocks(LOCKS, memory.hasher());
    this.flights = new Flights<>(locks);
    this.expiration = expiration;
    this.persist = persist;
    this.removals = removals;
    this.tracker = new RemovalTracker<>(this);
    this.spill = new Spill<>(this);
    this.dirty = new DirtyEntries<>(this, spill);
    Evictions<K> evictions = new Evictions<>(this, spill);
    HeapIndex<K> heapIndex = index.apply(evictions::onEviction);
    this.demotion = new Demotion<>(this, heapIndex, spill, evictions);
    this.changes = new IndexChanges<>(this, heapIndex, spill, demotion);
  }

  KeyEncoder<K> keys() {
    return lookup.keys();
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
    Entry entry = StaleRecords.read(this, key, probe);
    if (entry != null && memory.reads().recentReads() != null) {
      ReentrantLock lock = locks.ofEntry(entry);
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
    Probe<K> probe = lookup.probe(key);
    Entry entry = index().getQuietly(probe);
    return entry != null ? entry : findSpilled(probe);
  }

  /**
   * Returns the entry of the key in the index or in the spill, also if it has expired. If the index
   * holds an expired entry, that moves to the spill. The caller holds the key's lock, and replaces
   * or removes the entry.
   */
  @Nullable Entry findAny(K key) {
    Probe<K> probe = lookup.probe(key);
    Entry entry = index().getQuietly(probe);
    if (entry == null && expiration.isOn()) {
      index().evictExpired(probe);
    }
    return entry != null ? entry : spill.get(probe);
  }

  private @Nullable Entry findSpilled(Probe<K> probe) {
    Entry entry = spill.get(probe);
    return entry != null && !expiration.isExpired(entry.expiresAtNanos()) ? entry : null;
  }

  /** Returns the encoded key, which is stored with the value in memory. */
  MemorySegment encoded(K key, @Nullable FileKey bytes) {
    return bytes == null ? MemorySegment.ofArray(keys().encode(key)) : bytes.bytes();
  }

  /** Decodes the key of an entry; null if the entry was released or the codec can't. */
  @Nullable K keyOf(Entry entry) {
    return lookup.keyOf(entry);
  }

  /** Copies the encoded key of an entry; null if the entry was released. */
  @Nullable FileKey encodedKeyOf(Entry entry) {
    byte[] bytes = memory.reads().keyOf(entry);
    return bytes == null ? null : keys().of(bytes);
  }

  /** Encodes the key if the cache has a file; else null. */
  @Nullable FileKey keyBytes(K key) {
    return file == null ? null : keys().of(key);
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
    Entry current = findAny(key);
    boolean expired = current != null && expiration.isExpired(current.expiresAtNanos());
    boolean left = current != null && changes.remove(key, current, counters.invalidated);
    boolean inFile = removeRecord(key, bytes);
    tracker.notifyRemoved(key, before, left, cause);
    return inFile || (left && !expired);
  }

  /**
   * Releases an expired entry that the index still holds. The caller holds the key's lock and found
   * no value.
   */
  void removeExpired(K key) {
    Entry expired = findAny(key);
    if (expired != null) {
      var _ = changes.remove(key, expired, counters.overwritten);
    }
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

  /**
   * Removes the key's record from the file, after a new value is in memory or before the key has
   * none (invariant 3).
   *
   * @return whether the file had one
   */
  boolean removeRecord(K key, @Nullable FileKey bytes) {
    if (file == null) {
      return false;
    }
    locks.moved(key);
    walks.movedUp(key);
    return bytes != null && file.remove(bytes, true);
  }

  boolean isSpilling() {
    return !spill.isEmpty();
  }

  /** Returns whether an evicted entry of the key, expired or not, is queued. */
  boolean isWaiting(K key) {
    return spill.get(lookup.probe(key)) != null;
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
