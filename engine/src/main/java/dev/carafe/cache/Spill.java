package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.FileOptions.Overload;
import dev.carafe.FileOptions.Persist;
import dev.carafe.base.Invariants;
import dev.carafe.base.StackReserve;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.MemoryTier;
import dev.carafe.tier.StoreResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Entries that were evicted and are not yet in the file. Readers look here after the index; whoever
 * holds a key's lock may settle its entry (invariants 1 and 4 of {@link Tiers}).
 *
 * <p>Proved by {@code BetweenTheTiersTest} and {@code TiersLincheckTest}.
 *
 * @param <K> keys
 */
final class Spill<K> {
  private final Tiers<K> tiers;
  private final MemoryTier memory;
  private final @Nullable FileTier file;
  private final ConcurrentMap<K, Entry> waiting = new ConcurrentHashMap<>();

  /**
   * The same in the order in which they came, and some that wait no more: a walk over the map costs
   * as much as the most that ever waited.
   */
  private final Queue<Entry> line = new ConcurrentLinkedQueue<>();

  Spill(Tiers<K> tiers) {
    this.tiers = tiers;
    this.memory = tiers.memory;
    this.file = tiers.file;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  int size() {
    return waiting.size();
  }

  Set<K> keys() {
    return waiting.keySet();
  }

  @Nullable Entry get(K key) {
    return waiting.get(key);
  }

  /** Takes an evicted entry; returns one of the same key that waited before. */
  @Nullable Entry put(K key, Entry entry) {
    line.add(entry); // first: what waits and is in no line would wait until a flush
    return waiting.put(key, entry);
  }

  boolean remove(K key, Entry entry) {
    return waiting.remove(key, entry);
  }

  /** What waits; checks that all of it is in line. */
  Collection<Entry> entries() {
    Set<Entry> inLine = Collections.newSetFromMap(new IdentityHashMap<>());
    inLine.addAll(line);
    List<Entry> entries = new ArrayList<>(waiting.values());
    Invariants.check(inLine.containsAll(entries), "Spill: an entry is not in line");
    return entries;
  }

  /** Settles what waits, as far as nobody else holds its key's lock. */
  void drain() {
    if (line.isEmpty()) {
      return;
    }
    StackReserve.check(StackReserve.ROOM_KIB); // what is taken out of the line must not be lost
    for (Iterator<Entry> next = line.iterator(); next.hasNext(); ) {
      if (trySettle(next.next())) {
        next.remove(); // what throws, or whose key's lock is held, stays in line
      }
    }
  }

  /** False if somebody else holds its key's lock, who may settle it, too. */
  private boolean trySettle(Entry entry) {
    @SuppressWarnings("unchecked")
    K key = (K) entry.key();
    ReentrantLock lock = tiers.locks.of(key);
    if (!lock.tryLock()) {
      return false;
    }
    try {
      settle(key, entry);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Under the key's lock: a waiting entry goes to the file, and its chunk back to the pool. If the
   * key's codec or the ticker throws, or memory runs out, the value is dropped: whoever drains
   * needs the room, and has nothing to do with this key (contract F5).
   */
  void settle(K key, Entry entry) {
    if (waiting.get(key) == entry) {
      try {
        if (tiers.expiration.isExpired(entry.expiresAtNanos())) {
          expire(key, entry);
        } else {
          moveDown(key, entry);
        }
      } catch (Throwable t) {
        tiers.counters.dropped.increment();
        tiers.removals.errors().report("an evicted value can't be stored and is dropped", t);
      } finally {
        entry.supersede();
        tiers.locks.moved(key);
        waiting.remove(key, entry);
        var _ = memory.release(entry);
      }
    }
  }

  /** What the file has of it has expired as well, and is found out by whoever reads it. */
  private void expire(K key, Entry entry) {
    tiers.counters.expired.increment();
    if (file != null && entry.isClean()) {
      file.forgetExpired(tiers.keys.of(key));
    }
    tiers.tracker.entryRemoved(entry, RemovalCause.EXPIRED);
  }

  private void moveDown(K key, Entry entry) {
    FileKey bytes = tiers.keys.of(key);
    if (entry.isCurrent() && tiers.mayBeOnFile(bytes)) {
      tiers.counters.droppedClean.increment();
    } else if (file != null
        && tiers.persist.contains(Persist.EVICTIONS)
        && store(file, bytes, entry, file.overload()) == StoreResult.STORED) {
      tiers.counters.spilled.increment();
    } else {
      tiers.counters.dropped.increment();
      tiers.tracker.entryRemoved(entry, RemovalCause.SIZE);
    }
  }

  /** Brings what waits to the file, whatever the policy says, and lets it go. */
  void settleAll() {
    for (var next : waiting.entrySet()) {
      ReentrantLock lock = tiers.locks.of(next.getKey());
      lock.lock();
      try {
        if (waiting.get(next.getKey()) == next.getValue()) {
          persistLocked(next.getKey(), next.getValue());
          settle(next.getKey(), next.getValue());
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** Brings an entry to the file and leaves it where it is, if it is still the key's. */
  void persist(K key, Entry entry) {
    ReentrantLock lock = tiers.locks.of(key);
    lock.lock();
    try {
      if (tiers.findQuietly(key) == entry) {
        persistLocked(key, entry);
      }
    } finally {
      lock.unlock();
    }
  }

  private void persistLocked(K key, Entry entry) {
    if (file != null && !tiers.expiration.isExpired(entry.expiresAtNanos())) {
      FileKey bytes = tiers.keys.of(key);
      if (!entry.isCurrent() || !tiers.mayBeOnFile(bytes)) {
        StoreResult stored = store(file, bytes, entry, Overload.WAIT);
        if (stored == StoreResult.OVERLOADED || stored == StoreResult.UNAVAILABLE) {
          throw file.unavailable("flush");
        }
      }
    }
  }

  /**
   * Under the key's lock, and the entry is the key's: appends its value if there is room now.
   *
   * @return null if there is nothing to be appended
   */
  @Nullable StoreResult save(K key, Entry entry) {
    return file == null || tiers.expiration.isExpired(entry.expiresAtNanos())
        ? null
        : store(file, tiers.keys.of(key), entry, null);
  }

  /** Under the key's lock; null if the entry expired meanwhile, which takes no lock. */
  private @Nullable StoreResult store(
      FileTier target, FileKey bytes, Entry entry, @Nullable Overload overload) {
    if (entry.isTooLarge()) {
      return StoreResult.TOO_LARGE;
    }
    if (!memory.pin(entry)) {
      return null;
    }
    try {
      StoreResult stored =
          target.put(bytes, memory.pinned(entry), entry.expiresAtNanos(), overload);
      memory.noteStored(entry, stored);
      return stored;
    } finally {
      memory.unpin(entry);
    }
  }

  /** Lets go of all that waits. */
  void releaseAll() {
    for (K key : waiting.keySet()) {
      Entry entry = waiting.get(key);
      if (entry != null) {
        entry.supersede();
        if (waiting.remove(key, entry)) {
          tiers.counters.invalidated.increment();
          var _ = memory.release(entry);
        }
      }
    }
  }
}
