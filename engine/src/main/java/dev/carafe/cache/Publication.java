package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.FileOptions.Overload;
import dev.carafe.FileOptions.Persist;
import dev.carafe.cache.EntryLookup.Probe;
import dev.carafe.cache.Values.InChunk;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.StoreResult;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Publishes encoded values: new ones by writes and loads, and those that were read from the file.
 * Each method holds the key's lock, or its caller does.
 *
 * @param tiers the places that can hold a value, whose invariants these methods keep
 * @param ages the times of the writes
 * @param notifies whether removal listeners are notified of replaced values
 * @param <K> keys
 */
record Publication<K>(Tiers<K> tiers, EntryAges ages, boolean notifies) {
  /**
   * The same for a computation that returned the object that it was given. The object is written
   * again, since it may have been changed. As in Caffeine, no listener is notified of that.
   */
  Publication<K> ofRewrites() {
    return new Publication<>(tiers, ages, false);
  }

  private byte @Nullable [] copyOfReplaced(K key, @Nullable FileKey bytes) {
    return notifies ? tiers.tracker.copyOf(key, bytes) : null;
  }

  /** Publishes the value in a chunk: by the key's entry if that is possible, else by a new one. */
  void publish(K key, @Nullable FileKey bytes, InChunk chunk, long expiresAtNanos) {
    ReentrantLock lock = tiers.storage.locks.of(key);
    lock.lock();
    try {
      FileTier keeping = tiers.keepingFile();
      if (keeping != null && bytes != null) {
        publishKept(key, bytes, chunk, expiresAtNanos, keeping);
        return;
      }
      boolean expires = tiers.cache.expiration().isOn(); // each value needs its own time then
      Probe<K> probe = tiers.cache.lookup().probe(key);
      Entry indexed = expires ? null : tiers.index.getQuietly(probe);
      if (indexed != null && overwrite(key, bytes, chunk, probe, indexed)) {
        return;
      }
      Entry entry = chunk.adopt(key, expiresAtNanos);
      boolean installed = false;
      try {
        ages.recordWrite(entry);
        byte[] before = copyOfReplaced(key, bytes);
        Entry old = expires ? tiers.entries.findAny(key) : orSpilled(indexed, probe);
        boolean replaced = tiers.changes.put(key, entry, old, tiers.cache.counters().puts);
        supersedeOlder(key, bytes, entry);
        tiers.accesses.written(entry);
        tiers.tracker.notifyRemoved(key, before, replaced, RemovalCause.REPLACED);
        installed = true;
      } finally {
        endPublication(entry, installed);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes the value in a chunk to a file that keeps all records, and then publishes it. If the
   * file refuses it, nothing has changed (contract D8).
   */
  private void publishKept(
      K key, FileKey bytes, InChunk chunk, long expiresAtNanos, FileTier keeping) {
    byte[] before = copyOfReplaced(key, bytes);
    keep(keeping, bytes, chunk.value(), expiresAtNanos);
    Entry entry = chunk.adopt(key, expiresAtNanos);
    boolean installed = false;
    try {
      ages.recordWrite(entry);
      tiers.storage.memory.recordStoreResult(entry, StoreResult.STORED);
      Entry old = tiers.entries.findAny(key);
      boolean replaced = tiers.changes.put(key, entry, old, tiers.cache.counters().puts);
      tiers.cache.flights().supersede(key, RemovalCause.REPLACED);
      tiers.accesses.written(entry);
      tiers.tracker.notifyRemoved(key, before, replaced, RemovalCause.REPLACED);
      installed = true;
    } finally {
      endPublication(entry, installed);
    }
  }

  /** Ends the publication of an adopted chunk, and frees the chunk if that failed. */
  private void endPublication(Entry entry, boolean published) {
    if (!published) {
      tiers.demotion.releaseIfUnreachable(entry);
    }
    tiers.storage.memory.unpin(entry);
  }

  /**
   * Returns the entry that the new one replaces. An eviction may have moved an entry of the index
   * to the spill since it was found, or released it; {@link IndexChanges#put} checks that.
   */
  private @Nullable Entry orSpilled(@Nullable Entry indexed, Probe<K> probe) {
    return indexed == null ? tiers.entries.inSpill(probe) : indexed;
  }

  /**
   * Publishes a loaded value if the key still has none.
   *
   * @return false if the key was written meanwhile
   */
  boolean publishLoaded(
      K key, @Nullable FileKey bytes, InChunk chunk, long expiresAtNanos, Load load) {
    Entry entry = chunk.adopt(key, expiresAtNanos);
    boolean kept = false;
    try {
      ages.recordWrite(entry);
      kept = installLoaded(key, bytes, entry, load);
      return kept;
    } finally {
      endPublication(entry, kept);
    }
  }

  /**
   * Replaces the key's value by the value in a chunk, if memory holds the key's value in a chunk of
   * the same size. The entry stays in the index, so neither Caffeine nor the garbage collector has
   * work to do. The overwrite is recorded as a read for Caffeine's policy.
   *
   * <p>The caller holds the key's lock. The cache has neither expiry nor refreshing.
   *
   * @param bytes the encoded key, null without a file
   * @param entry the key's entry in the index
   * @return false if nothing changed
   */
  private boolean overwrite(
      K key, @Nullable FileKey bytes, InChunk chunk, Probe<K> probe, Entry entry) {
    if (!tiers.storage.memory.generation().isLive(entry)
        || entry.expiresAtNanos() != Expiration.NEVER) {
      return false;
    }
    byte[] before = copyOfReplaced(key, bytes);
    boolean wasRecent = tiers.storage.memory.reads().removeFromRecentReads(entry.keyHash());
    boolean overwritten = chunk.overwrite(entry);
    if (wasRecent) {
      tiers.storage.memory.reads().addToRecentReads(entry);
    }
    if (overwritten) {
      tiers.cache.counters().puts.increment();
      tiers.cache.counters().overwritten.increment();
      supersedeOlder(key, bytes, entry);
      tiers.accesses.written(entry);
      if (!wasRecent) {
        var _ = tiers.index.get(probe);
      }
      tiers.tracker.notifyRemoved(key, before, true, RemovalCause.REPLACED);
    }
    return overwritten;
  }

  /**
   * Removes older values and supersedes loads after a put has published its entry (invariant 3).
   */
  private void supersedeOlder(K key, @Nullable FileKey bytes, Entry entry) {
    var _ = tiers.removeRecord(key, bytes);
    tiers.cache.flights().supersede(key, RemovalCause.REPLACED);
    tiers.dirty.add(key, entry, Persist.EVICTIONS);
  }

  /**
   * Publishes a loaded value if the key still has none.
   *
   * @return false if the key was written meanwhile; the caller then releases the entry
   */
  private boolean installLoaded(K key, @Nullable FileKey bytes, Entry fresh, Load load) {
    ReentrantLock lock = tiers.storage.locks.of(key);
    lock.lock();
    try {
      if (load.isSuperseded()
          || tiers.entries.findQuietly(key) != null
          || tiers.mayBeInFile(bytes)) {
        return false;
      }
      boolean keeps = tiers.keepingFile() != null;
      if (keeps || (load.isMiss() && tiers.cache.persist().contains(Persist.MISSES))) {
        writeThrough(bytes, fresh);
      }
      if (keeps && !fresh.isClean()) {
        return false; // memory has only what the file keeps
      }
      var _ =
          tiers.changes.put(key, fresh, tiers.entries.findAny(key), tiers.cache.counters().puts);
      tiers.dirty.add(key, fresh, load.isMiss() ? Persist.MISSES : Persist.EVICTIONS);
      tiers.accesses.written(fresh);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void writeThrough(@Nullable FileKey bytes, Entry fresh) {
    FileTier file = tiers.storage.file;
    if (file != null
        && bytes != null
        && !tiers.cache.expiration().isExpired(fresh.expiresAtNanos())) {
      tiers.storage.memory.recordStoreResult(
          fresh,
          file.offer(
              bytes,
              tiers.storage.memory.reads().pinnedView(fresh),
              fresh.expiresAtNanos(),
              false));
    }
  }

  /**
   * Promotes a value that was read from the file, if the file still holds it and the key has no
   * newer value. A value that expires is not promoted if this cache's index has no expiry; reads of
   * the file check its expiration.
   *
   * <p>It only tries the key's lock, since a computation that holds the lock may wait for this
   * read.
   *
   * @return whether it was promoted; if not, the caller releases the entry
   */
  boolean promote(K key, FileKey bytes, Entry fresh, Load load) {
    ReentrantLock lock = tiers.storage.locks.of(key);
    if (!lock.tryLock()) {
      return false;
    }
    try {
      if (!tiers.cache.expiration().canExpireAt(fresh.expiresAtNanos())
          || load.isSuperseded()
          || tiers.entries.findQuietly(key) != null
          || !tiers.mayBeInFile(bytes)) {
        return false;
      }
      var _ =
          tiers.changes.put(
              key, fresh, tiers.entries.findAny(key), tiers.cache.counters().promotions);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes a value that memory can't hold directly to the file.
   *
   * @param value null if no tier can hold it
   * @param load the load of the value; null for a put, which replaces the key's value
   * @return whether the file stored it; if not, the key has no value now
   */
  boolean storeInFile(
      K key,
      @Nullable FileKey bytes,
      @Nullable MemorySegment value,
      long expiresAtNanos,
      @Nullable Load load) {
    ReentrantLock lock = tiers.storage.locks.of(key);
    lock.lock();
    try {
      if (load != null
          && (load.isSuperseded()
              || tiers.entries.findQuietly(key) != null
              || tiers.mayBeInFile(bytes))) {
        return false;
      }
      if (load != null) {
        return putInFile(key, bytes, value, expiresAtNanos);
      }
      byte[] before = copyOfReplaced(key, bytes);
      boolean stored =
          keepInFile(key, bytes, value, expiresAtNanos)
              || putInFile(
                  key, bytes, value, expiresAtNanos); // first: the key always has a value (R4)
      Entry old = tiers.entries.findAny(key);
      boolean replaced =
          old != null && tiers.changes.remove(key, old, tiers.cache.counters().overwritten);
      var _ = tiers.removeRecord(key, stored ? null : bytes);
      tiers.cache.flights().supersede(key, RemovalCause.REPLACED);
      tiers.tracker.notifyRemoved(key, before, replaced, RemovalCause.REPLACED);
      return stored;
    } finally {
      lock.unlock();
    }
  }

  /** Appends a value to a file that keeps all records, or throws. */
  private static void keep(
      FileTier keeping, FileKey bytes, MemorySegment value, long expiresAtNanos) {
    StoreResult stored = keeping.put(bytes, value, expiresAtNanos, Overload.WAIT);
    if (stored == StoreResult.TOO_LARGE || stored == StoreResult.FULL) {
      throw keeping.capacity().refused(value.byteSize());
    } else if (stored != StoreResult.STORED) {
      throw keeping.unavailable("put");
    }
  }

  /** Returns false if the file may discard records; it throws if it has no room (contract D8). */
  private boolean keepInFile(
      K key, @Nullable FileKey bytes, @Nullable MemorySegment value, long expiresAtNanos) {
    FileTier keeping = tiers.keepingFile();
    if (keeping == null || bytes == null || value == null) {
      return false;
    }
    keep(keeping, bytes, value, expiresAtNanos);
    tiers.accesses.writtenToFile(key, value.byteSize(), expiresAtNanos);
    return true;
  }

  private boolean putInFile(
      K key, @Nullable FileKey bytes, @Nullable MemorySegment value, long expiresAtNanos) {
    FileTier file = tiers.storage.file;
    if (file != null
        && value != null
        && bytes != null
        && file.offer(bytes, value, expiresAtNanos, false) == StoreResult.STORED) {
      tiers.accesses.writtenToFile(key, value.byteSize(), expiresAtNanos);
      return true;
    }
    tiers.accesses.removed(key);
    return false;
  }
}
