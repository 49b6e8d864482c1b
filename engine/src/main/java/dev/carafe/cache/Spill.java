package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.FileOptions.Overload;
import dev.carafe.FileOptions.Persist;
import dev.carafe.base.Invariants;
import dev.carafe.base.StackReserve;
import dev.carafe.cache.EntryLookup.Probe;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Entries that were evicted and are not yet in the file. Readers search the spill after the index.
 * A thread that holds a key's lock may settle its entry: write it to the file and release it
 * (invariants 1 and 4 of {@link Tiers}).
 *
 * <p>Proved by {@code BetweenTheTiersTest} and {@code TiersLincheckTest}.
 *
 * @param <K> keys
 */
final class Spill<K> {
  private final Tiers<K> tiers;
  private final MemoryTier memory;
  private final @Nullable FileTier file;
  private final ConcurrentMap<Object, Entry> waiting = new ConcurrentHashMap<>();

  /**
   * The same entries in eviction order, and some that were settled meanwhile. The cost of an
   * iteration over the map depends on the largest number of entries that the map has ever held.
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

  /** Returns the key's entry, expired or not. */
  @Nullable Entry get(Probe<K> probe) {
    return waiting.isEmpty() ? null : tiers.lookup.find(waiting::get, probe);
  }

  boolean contains(Entry entry) {
    return waiting.containsKey(entry);
  }

  /** Adds an evicted entry. */
  void put(Entry entry) {
    line.add(entry); // first: an entry that is in no queue would wait until a flush
    waiting.put(entry, entry);
  }

  boolean remove(Entry entry) {
    return waiting.remove(entry) != null;
  }

  /** Visits the waiting entries. */
  void forEach(Consumer<Entry> visitor) {
    waiting.values().forEach(visitor);
  }

  /**
   * Returns the waiting entries, and checks that all of them are in the queue. Maintenance on
   * another thread may evict and settle entries meanwhile.
   */
  Collection<Entry> entries() {
    List<Entry> before = new ArrayList<>(waiting.values());
    Set<Entry> inLine = Collections.newSetFromMap(new IdentityHashMap<>());
    inLine.addAll(line);
    Collection<Entry> entries = waiting.values();
    before.removeIf(entry -> inLine.contains(entry) || !entries.contains(entry));
    Invariants.check(before.isEmpty(), "Spill: an entry is not in the queue");
    return List.copyOf(entries);
  }

  /** Settles the waiting entries, except those whose key locks other threads hold. */
  void drain() {
    if (line.isEmpty()) {
      return;
    }
    StackReserve.check(StackReserve.ROOM_KIB); // before an entry leaves the queue
    for (Iterator<Entry> next = line.iterator(); next.hasNext(); ) {
      if (trySettle(next.next())) {
        next.remove(); // entries that throw, or whose key's lock is held, stay in the queue
      }
    }
  }

  /**
   * Settles an entry; false if another thread holds its key's lock, and may settle it, or has added
   * the entry to the queue and not yet to the map.
   */
  private boolean trySettle(Entry entry) {
    ReentrantLock lock = tiers.locks.ofEntry(entry);
    if (!lock.tryLock()) {
      return false;
    }
    try {
      settle(entry);
      return entry.isReleased();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes an entry to the file and returns its chunk to the pool. The caller holds the key's lock.
   * If the key's codec or the ticker throws, or memory runs out, the value is dropped, because the
   * draining thread needs the room and works for another key (contract F5).
   */
  void settle(Entry entry) {
    if (contains(entry)) {
      try {
        if (!entry.isLive()) {
          // a change that failed has superseded it, or released and counted it
          var _ = memory.release(entry, tiers.counters.overwritten);
          return;
        }
        if (tiers.expiration.isExpired(entry.expiresAtNanos())) {
          expire(entry);
        } else {
          moveDown(entry);
        }
      } catch (Throwable t) {
        tiers.counters.dropped.increment();
        tiers
            .removals
            .errors()
            .report("an evicted value can't be written to the file and is dropped", t);
      } finally {
        var _ = tiers.changes.supersede(entry);
        tiers.locks.movedEntry(entry);
        waiting.remove(entry);
        var _ = memory.release(entry, null);
      }
    }
  }

  /** Drops an expired entry. Its record in the file has expired as well, and readers check that. */
  private void expire(Entry entry) {
    tiers.counters.expired.increment();
    FileKey bytes = file != null && entry.isClean() ? tiers.encodedKeyOf(entry) : null;
    if (file != null && bytes != null) {
      file.removeExpired(bytes);
    }
    tiers.tracker.entryRemoved(entry, RemovalCause.EXPIRED);
  }

  private void moveDown(Entry entry) {
    FileKey bytes = requireNonNull(tiers.encodedKeyOf(entry), "the entry was released");
    if (entry.isRecordCurrent() && tiers.mayBeInFile(bytes)) {
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

  /** Writes all waiting entries to the file regardless of the persist policy, and releases them. */
  void settleAll() {
    for (Entry entry : waiting.values()) {
      ReentrantLock lock = tiers.locks.ofEntry(entry);
      lock.lock();
      try {
        if (contains(entry)) {
          persistLocked(entry);
          settle(entry);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** Writes an entry to the file and keeps it in memory, if it is still the key's value. */
  void persist(Entry entry) {
    ReentrantLock lock = tiers.locks.ofEntry(entry);
    lock.lock();
    try {
      persistLocked(entry);
    } finally {
      lock.unlock();
    }
  }

  private void persistLocked(Entry entry) {
    if (file != null && entry.isLive() && !tiers.expiration.isExpired(entry.expiresAtNanos())) {
      FileKey bytes = tiers.encodedKeyOf(entry);
      if (bytes == null) {
        return; // released meanwhile
      }
      if (!entry.isRecordCurrent() || !tiers.mayBeInFile(bytes)) {
        StoreResult stored = store(file, bytes, entry, Overload.WAIT);
        if (stored == StoreResult.OVERLOADED || stored == StoreResult.UNAVAILABLE) {
          throw file.unavailable("flush");
        }
      }
    }
  }

  /**
   * Appends the entry's value if the file has room now. The caller holds the key's lock, and the
   * entry is the key's value.
   *
   * @return null if nothing has to be appended
   */
  @Nullable StoreResult save(Entry entry) {
    if (file == null || tiers.expiration.isExpired(entry.expiresAtNanos())) {
      return null;
    }
    FileKey bytes = tiers.encodedKeyOf(entry);
    return bytes == null ? null : store(file, bytes, entry, null);
  }

  /**
   * Appends the entry's value, under the key's lock; null if the entry was released meanwhile,
   * which needs no lock.
   */
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
          target.put(bytes, memory.reads().pinnedView(entry), entry.expiresAtNanos(), overload);
      memory.recordStoreResult(entry, stored);
      return stored;
    } finally {
      memory.unpin(entry);
    }
  }

  /** Releases all waiting entries. */
  void releaseAll() {
    for (Entry entry : waiting.values()) {
      var _ = tiers.changes.supersede(entry);
      if (remove(entry)) {
        var _ = memory.release(entry, tiers.counters.invalidated);
      }
    }
  }
}
