package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.FileOptions.Overload;
import dev.carafe.FileOptions.Persist;
import dev.carafe.base.StackReserve;
import dev.carafe.tier.Entry;
import dev.carafe.tier.EvictionAdmission;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.MemoryTier;
import dev.carafe.tier.StoreResult;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes entries of memory to the file. A thread that holds a key's lock may settle the key's entry
 * in the spill: write it to the file and release it (invariants 1 and 4 of {@link Tiers}).
 *
 * <p>Proved by {@code BetweenTheTiersTest} and {@code TiersLincheckTest}.
 *
 * @param <K> keys
 */
final class SpillWriter<K> {
  private final CacheStorage storage;
  private final CacheState<K> cache;
  private final EntryRemovals<K> entryRemovals;
  private final SpillQueue queue;
  private final MemoryTier memory;
  private final @Nullable FileTier file;

  SpillWriter(CacheStorage storage, CacheState<K> cache, EntryRemovals<K> entryRemovals) {
    this.storage = storage;
    this.cache = cache;
    this.entryRemovals = entryRemovals;
    this.queue = storage.spill;
    this.memory = storage.memory;
    this.file = storage.file;
  }

  /** Why a value is written. */
  private enum Write {
    /** Memory has evicted it. */
    EVICTION,
    /** It is dirty for {@code persistWithin}. Memory keeps it. */
    SAVE,
    /** The cache is flushed or closed. */
    FLUSH
  }

  /** Settles the waiting entries, except those whose key locks other threads hold. */
  void drain() {
    if (queue.isDrained()) {
      return;
    }
    StackReserve.check(StackReserve.ROOM_KIB); // before an entry leaves the queue
    for (Iterator<Entry> next = queue.inEvictionOrder(); next.hasNext(); ) {
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
    ReentrantLock lock = storage.locks.ofEntry(entry);
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
    if (queue.contains(entry)) {
      try {
        if (!memory.generation().isLive(entry) || storage.isDiscarded()) {
          // it was cleared, or a change that failed has superseded it, or released and counted it
          var _ = memory.release(entry, cache.counters().overwritten);
          return;
        }
        if (cache.expiration().isExpired(entry.expiresAtNanos())) {
          expire(entry);
        } else {
          moveDown(entry);
        }
      } catch (Throwable t) {
        cache.counters().dropped.increment();
        cache.errors().report("an evicted value can't be written to the file and is dropped", t);
      } finally {
        var _ = cache.lookup().supersede(entry);
        storage.locks.incrementVersionOf(entry);
        var _ = queue.remove(entry);
        var _ = memory.release(entry, null);
      }
    }
  }

  /** Drops an expired entry. Its record in the file has expired as well, and readers check that. */
  private void expire(Entry entry) {
    cache.counters().expired.increment();
    FileKey bytes = file != null && entry.isClean() ? cache.lookup().encodedKeyOf(entry) : null;
    if (file != null && bytes != null) {
      file.removeExpired(bytes);
    }
    entryRemovals.entryRemoved(entry, RemovalCause.EXPIRED);
  }

  private void moveDown(Entry entry) {
    FileKey bytes = requireNonNull(cache.lookup().encodedKeyOf(entry), "the entry was released");
    boolean inFile = entry.isRecordCurrent() && storage.mayBeInFile(bytes);
    boolean admitted = isAdmitted(entry, inFile);
    if (inFile) {
      cache.counters().droppedClean.increment();
    } else if (file != null
        && admitted
        && store(file, bytes, entry, Write.EVICTION) == StoreResult.STORED) {
      cache.counters().spilled.increment();
    } else {
      cache.counters().dropped.increment();
      entryRemovals.entryRemoved(entry, RemovalCause.SIZE);
    }
  }

  /** Returns whether an evicted value is to be in the file. */
  private boolean isAdmitted(Entry entry, boolean inFile) {
    EvictionAdmission admission = file == null ? null : file.evictions();
    return admission == null
        ? cache.persist().contains(Persist.EVICTIONS)
        : admission.admits(entry, memory.pool(), inFile);
  }

  /** Writes all waiting entries to the file regardless of the persist policy, and releases them. */
  void settleAll() {
    queue.forEach(entry -> {
      ReentrantLock lock = storage.locks.ofEntry(entry);
      lock.lock();
      try {
        if (queue.contains(entry)) {
          persistLocked(entry);
          settle(entry);
        }
      } finally {
        lock.unlock();
      }
    });
  }

  /** Writes an entry to the file and keeps it in memory, if it is still the key's value. */
  void persist(Entry entry) {
    ReentrantLock lock = storage.locks.ofEntry(entry);
    lock.lock();
    try {
      persistLocked(entry);
    } finally {
      lock.unlock();
    }
  }

  private void persistLocked(Entry entry) {
    if (file != null
        && memory.generation().isLive(entry)
        && !cache.expiration().isExpired(entry.expiresAtNanos())) {
      FileKey bytes = cache.lookup().encodedKeyOf(entry);
      if (bytes == null) {
        return; // released meanwhile
      }
      if (!entry.isRecordCurrent() || !storage.mayBeInFile(bytes)) {
        StoreResult stored = store(file, bytes, entry, Write.FLUSH);
        if (stored == StoreResult.OVERLOADED
            || stored == StoreResult.UNAVAILABLE
            || stored == StoreResult.FULL) {
          throw file.unavailable("flush");
        }
      }
    }
  }

  /**
   * Appends the entry's value if the file has room and the write budget is not used up. The caller
   * holds the key's lock, and the entry is the key's value.
   *
   * @return null if nothing has to be appended
   */
  @Nullable StoreResult save(Entry entry) {
    if (file == null
        || storage.isDiscarded()
        || cache.expiration().isExpired(entry.expiresAtNanos())) {
      return null;
    }
    FileKey bytes = cache.lookup().encodedKeyOf(entry);
    return bytes == null ? null : store(file, bytes, entry, Write.SAVE);
  }

  /**
   * Appends the entry's value, under the key's lock; null if the entry was released meanwhile,
   * which needs no lock.
   */
  private @Nullable StoreResult store(FileTier target, FileKey bytes, Entry entry, Write why) {
    if (entry.isTooLarge()) {
      return StoreResult.TOO_LARGE;
    }
    if (!memory.pin(entry)) {
      return null;
    }
    try {
      MemorySegment value = memory.reads().pinnedView(entry);
      long expiresAtNanos = entry.expiresAtNanos();
      StoreResult stored =
          why == Write.FLUSH
              ? target.put(bytes, value, expiresAtNanos, Overload.WAIT)
              : target.offer(bytes, value, expiresAtNanos, why == Write.SAVE);
      memory.recordStoreResult(entry, stored);
      return stored;
    } finally {
      memory.unpin(entry);
    }
  }

  /** Releases all waiting entries. */
  void releaseAll() {
    queue.forEach(this::release);
  }

  /** Releases the waiting entries that are not live. */
  void releaseCleared() {
    queue.forEach(entry -> {
      if (!memory.generation().isLive(entry)) {
        release(entry);
      }
    });
  }

  private void release(Entry entry) {
    var _ = cache.lookup().supersede(entry);
    if (queue.remove(entry)) {
      var _ = memory.release(entry, cache.counters().invalidated);
    }
  }
}
