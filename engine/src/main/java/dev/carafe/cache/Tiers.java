package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.FileOptions.Persist;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.FileValue;
import dev.carafe.tier.MemoryTier;
import dev.carafe.tier.StoreResult;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where a value may be, and how it moves.
 *
 * <p>A value is looked for in three places, in the order in which it moves down, so that a reader
 * can't miss it between two of them:
 *
 * <pre>
 *   index  ──evicted──►  spill  ──settled──►  file
 *     ▲                                         │
 *     └──────────────── promoted ◄──────────────┘
 * </pre>
 *
 * <ul>
 *   <li>1. A value reaches the next place before it leaves the last.
 *   <li>2. Writers of a key hold its lock. Evictions do not; they only move an entry from the index
 *       to the spill, which readers look through next.
 *   <li>3. A write publishes the new entry, then removes what is older from spill and file, then
 *       supersedes loads, whose values must not be installed any more (R1, R2). A removal
 *       supersedes them first: a load that begins when the value is gone comes after it (R4).
 *   <li>4. An entry in the spill belongs to whoever settles it, under the key's lock.
 *   <li>5. What is appended to the file was the key's value at that moment (checked under its
 *       lock), so the order of the log is the order of history (D3).
 *   <li>6. Between a value's arrival in one place and the removal of what the key had in another,
 *       the key's count of moves goes up ({@link KeyLocks#moved}). A look into all three places
 *       that finds nothing is a miss only if the count did not change meanwhile (R4).
 *   <li>7. Before an entry ceases to be its key's value it is superseded or released, so that one
 *       found by a shortcut, outside of the three places, shows it ({@link RecentReads}).
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
  final CacheContents<K> contents;
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
    this.demotion = new Demotion<>(this, spill);
    this.changes = new IndexChanges<>(index.apply(demotion::onEviction), demotion);
    this.contents = new CacheContents<>(this, changes.index(), spill);
  }

  HeapIndex<K> index() {
    return changes.index();
  }

  /** The entry that holds the key's value in memory, on its way out included. */
  @Nullable Entry find(K key) {
    return skipReleased(key, StaleRecords.read(this, key));
  }

  /** The same, unseen by the policy. */
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

  /** The key's bytes if there is a file to ask, which needs them. */
  @Nullable FileKey keyBytes(K key) {
    return file == null ? null : keys.of(key);
  }

  /** Whether the file may have the key's value; never says no when it has. */
  boolean mayBeOnFile(@Nullable FileKey key) {
    return file != null && key != null && file.contains(key.hash());
  }

  /** Reads from the file into a fresh chunk; null is a miss. */
  @Nullable FileValue readFile(FileKey key) {
    return file == null ? null : file.read(key);
  }

  /**
   * Publishes a value that replaces whatever the key had. The entry stays pinned for the caller.
   *
   * @param bytes the key's bytes, null without a file
   */
  void install(K key, @Nullable FileKey bytes, Entry fresh) {
    ReentrantLock lock = locks.of(key);
    lock.lock();
    try {
      byte[] before = tracker.copyOf(key, bytes);
      Entry current = findQuietly(key);
      boolean wasRecent = changes.supersede(key, current);
      Entry old =
          changes.put(key, fresh, new IndexChanges.Replaced(current, wasRecent), counters.puts);
      releaseReplaced(old, fresh);
      removeOlder(key, bytes, fresh);
      flights.supersede(key, RemovalCause.REPLACED);
      dirty.add(key, fresh, Persist.EVICTIONS);
      tracker.notifyRemoved(key, before, old, RemovalCause.REPLACED);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Publishes a loaded value if the key still has none.
   *
   * @return false if a write came in between, and the entry is the caller's to release
   */
  boolean installLoaded(K key, @Nullable FileKey bytes, Entry fresh, Load load) {
    ReentrantLock lock = locks.of(key);
    lock.lock();
    try {
      if (load.isSuperseded() || findQuietly(key) != null || mayBeOnFile(bytes)) {
        return false;
      }
      if (load.isMiss() && persist.contains(Persist.MISSES)) {
        writeThrough(bytes, fresh);
      }
      releaseReplaced(changes.put(key, fresh, IndexChanges.Replaced.NONE, counters.puts), fresh);
      dirty.add(key, fresh, load.isMiss() ? Persist.MISSES : Persist.EVICTIONS);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void writeThrough(@Nullable FileKey bytes, Entry fresh) {
    if (file != null && bytes != null && !expiration.isExpired(fresh.expiresAtNanos())) {
      memory.noteStored(
          fresh, file.put(bytes, memory.pinned(fresh), fresh.expiresAtNanos(), file.overload()));
    }
  }

  /**
   * Publishes a value that was read from the file, if the file still has it and nothing newer came.
   * One that expires stays on the file if this cache's index knows no expiry: the file checks.
   *
   * <p>It only tries the key's lock: whoever holds it, in a computation, may wait for this read.
   *
   * @return false if it was not, and the entry is the caller's to release
   */
  boolean promote(K key, FileKey bytes, Entry fresh, Load load) {
    ReentrantLock lock = locks.of(key);
    if (!lock.tryLock()) {
      return false;
    }
    try {
      if (!expiration.canExpireAt(fresh.expiresAtNanos())
          || load.isSuperseded()
          || findQuietly(key) != null
          || !mayBeOnFile(bytes)) {
        return false;
      }
      releaseReplaced(
          changes.put(key, fresh, IndexChanges.Replaced.NONE, counters.promotions), fresh);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Puts a value that memory can't hold straight on the file.
   *
   * @param value null if no tier can hold it
   * @param load the load that made it, or null for a put, which replaces whatever the key had
   * @return whether the file took it; if not, the key has no value now
   */
  boolean storeOnFile(
      K key,
      @Nullable FileKey bytes,
      @Nullable MemorySegment value,
      long expiresAtNanos,
      @Nullable Load load) {
    ReentrantLock lock = locks.of(key);
    lock.lock();
    try {
      if (load != null && (load.isSuperseded() || findQuietly(key) != null || mayBeOnFile(bytes))) {
        return false;
      }
      if (load != null) {
        return putOnFile(bytes, value, expiresAtNanos);
      }
      byte[] before = tracker.copyOf(key, bytes);
      boolean stored = putOnFile(bytes, value, expiresAtNanos); // first: it is never a miss (R4)
      Entry current = findQuietly(key);
      var _ = changes.supersede(key, current);
      locks.moved(key);
      Entry old = changes.remove(key, current);
      releaseReplaced(old, null);
      removeOlder(key, stored ? null : bytes, null);
      flights.supersede(key, RemovalCause.REPLACED);
      tracker.notifyRemoved(key, before, old, RemovalCause.REPLACED);
      return stored;
    } finally {
      lock.unlock();
    }
  }

  private boolean putOnFile(
      @Nullable FileKey bytes, @Nullable MemorySegment value, long expiresAtNanos) {
    return file != null
        && value != null
        && bytes != null
        && file.put(bytes, value, expiresAtNanos, file.overload()) == StoreResult.STORED;
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
    flights.supersede(key, cause); // first: one that begins when the value is gone is newer (R4)
    Entry current = findQuietly(key);
    var _ = changes.supersede(key, current);
    Entry old = changes.remove(key, current);
    if (old != null) {
      counters.invalidated.increment();
      var _ = memory.release(old);
    }
    boolean hadOlder = removeOlder(key, bytes, null);
    tracker.notifyRemoved(key, before, old, cause);
    return hadOlder || old != null;
  }

  /** Under the key's lock, where no value was found: lets go of one that has expired. */
  void removeExpired(K key) {
    releaseReplaced(index().remove(key), null);
  }

  /** Replaces whatever the key had by a value that is yet to come. */
  void putFuture(K key, @Nullable FileKey bytes, Load load) {
    ReentrantLock lock = locks.of(key);
    lock.lock();
    try {
      flights.displace(key, load);
      remove(key, bytes, RemovalCause.REPLACED);
      flights.put(key, load);
    } finally {
      lock.unlock();
    }
  }

  void releaseReplaced(@Nullable Entry old, @Nullable Entry fresh) {
    if (old != null && old != fresh) {
      if (memory.release(old)) { // else the pool needed its chunk first, and it was counted
        counters.overwritten.increment();
      }
    }
  }

  /** Invariant 3: removes what the key had in spill and file, except the fresh entry itself. */
  private boolean removeOlder(K key, @Nullable FileKey bytes, @Nullable Entry fresh) {
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
      var _ = memory.release(waiting);
    }
    if (file != null && bytes != null) {
      had |= file.remove(bytes, true);
    }
    return had;
  }

  boolean isSpilling() {
    return !spill.isEmpty();
  }

  /** Settles what was evicted, as far as nobody else holds its key's lock. */
  void drain() {
    spill.drain();
  }

  /** Entries in memory, those on their way out included. */
  long memoryCount() {
    return index().count() + spill.size();
  }
}
