package dev.carafe.tier;

import dev.carafe.base.Counter;
import dev.carafe.region.ChunkPool;
import dev.carafe.region.ChunkRef;
import dev.carafe.region.HazardPointers;
import org.jspecify.annotations.Nullable;

/**
 * Assigns chunks to entries, replaces them, and retires them after the entry was released and its
 * last pin has ended (M1). Counts the bytes and the states of the entries.
 *
 * <p>Thread-safe.
 *
 * <p>Proved by {@code StructuresTest} and {@code MemoryLincheckTest}.
 */
final class EntryChunks {
  private final Arena arena;
  private final ChunkPool pool;
  private final HazardPointers hazardPointers;
  private final KeyHasher hasher = new KeyHasher();

  private final boolean entriesExpire;

  /** Null if each read must find an entry. */
  private final @Nullable RecentReads recent;

  private final MemoryCounters counters = new MemoryCounters();
  private final Generation generation = new Generation();

  EntryChunks(SharedMemory memory, boolean entriesExpire, @Nullable RecentReads recent) {
    this.arena = memory.arena();
    this.pool = memory.pool();
    this.hazardPointers = memory.hazardPointers();
    this.entriesExpire = entriesExpire;
    this.recent = recent;
  }

  ChunkPool pool() {
    return pool;
  }

  KeyHasher hasher() {
    return hasher;
  }

  HazardPointers hazardPointers() {
    return hazardPointers;
  }

  MemoryCounters counters() {
    return counters;
  }

  Generation generation() {
    return generation;
  }

  /** Creates the entry of a written chunk: {@link MemoryTier#adopt}. */
  Entry adopt(Object key, long ref, long expiresAtNanos, boolean clean) {
    int keyHash = hasher.keyHash(key);
    int indexHash =
        KeyHasher.coversWholeKey(key)
            ? keyHash
            : hasher.indexHash(pool.memory(), keyOffset(ref), keyBytesOf(ref));
    Entry entry =
        entriesExpire || expiresAtNanos != Long.MAX_VALUE
            ? new ExpiringEntry(keyHash, indexHash, ref, expiresAtNanos, clean)
            : new Entry(keyHash, indexHash, ref, clean);
    pool.setOwner(ref, entry);
    counters.valueBytes.add(valueBytesOf(ref));
    if (clean) {
      counters.cleanCount.increment();
    }
    return entry;
  }

  /** Replaces the chunk of an entry: {@link MemoryTier#overwrite}. */
  boolean overwrite(Entry entry, long to) {
    if (!generation.isLive(entry)
        || pool.footprintBytes(entry.ref()) != pool.footprintBytes(to)
        || !entry.beginRelocation()) {
      return false;
    }
    try {
      long from = entry.ref();
      counters.valueBytes.add(valueBytesOf(to) - valueBytesOf(from));
      if (entry.isTooLarge()) {
        counters.tooLargeCount.decrement();
      }
      pool.setOwner(to, entry);
      if (entry.overwrite(to)) {
        counters.cleanCount.decrement();
      }
      pool.setOwner(from, null);
      hazardPointers.retire(from);
    } finally {
      retire(entry, entry.endRelocation()); // also on an exception: threads that pin wait for it
    }
    return true;
  }

  /** Copies an entry's value to another chunk of the same size, which replaces the old one. */
  boolean relocate(Entry entry, long from, long to) {
    if (!entry.beginRelocation()) {
      return false;
    }
    boolean used = false;
    try {
      if (entry.ref() == from) {
        int bytes = usedBytes(from);
        pool.slice(to, 0, bytes).copyFrom(pool.slice(from, 0, bytes));
        pool.setOwner(to, entry);
        if (recent != null && entry.isListed()) {
          recent.replaceChunk(entry.keyHash(), from, to);
        }
        entry.relocate(to);
        used = true;
        pool.setOwner(from, null);
        hazardPointers.retire(from);
      }
    } finally {
      retire(entry, entry.endRelocation()); // also on an exception: threads that pin wait for it
    }
    return used;
  }

  /** Returns the bytes of a chunk up to the end of its value. */
  int usedBytes(long ref) {
    long header = headerOf(ref);
    return ChunkLayout.valueOffsetOf(header) + ChunkLayout.valueBytesOf(header);
  }

  /** Returns the offset in the arena of a chunk's key. */
  long keyOffset(long ref) {
    return pool.offset(ref) + ChunkLayout.HEADER_BYTES;
  }

  int keyBytesOf(long ref) {
    return ChunkLayout.keyBytesOf(headerOf(ref));
  }

  int valueBytesOf(long ref) {
    return ChunkLayout.valueBytesOf(headerOf(ref));
  }

  private long headerOf(long ref) {
    return ChunkLayout.header(pool.memory(), pool.offset(ref));
  }

  /** Records the file tier's result for a pinned entry: {@link MemoryTier#recordStoreResult}. */
  void recordStoreResult(Entry entry, StoreResult stored) {
    if (stored == StoreResult.STORED && entry.markClean()) {
      counters.cleanCount.increment();
    } else if (stored == StoreResult.TOO_LARGE && entry.markTooLarge()) {
      counters.tooLargeCount.increment();
    }
  }

  /** Pins an entry and keeps the arena mapped: {@link MemoryTier#hold}. */
  boolean hold(Entry entry) {
    if (!arena.tryHold()) {
      return false;
    }
    if (entry.pin()) {
      return true;
    }
    arena.endHold();
    return false;
  }

  /** Ends a {@link #hold}. */
  void endHold(Entry entry) {
    unpin(entry);
    arena.endHold();
  }

  /** Ends a pin. */
  void unpin(Entry entry) {
    retire(entry, entry.unpin());
  }

  /** Releases an entry that the index does not have: {@link MemoryTier#release}. */
  boolean release(Entry entry, @Nullable Counter counter) {
    long ref = entry.release();
    boolean first = ref != Entry.ALREADY_RELEASED;
    if (first) {
      if (counter != null) {
        counter.increment();
      }
      if (recent != null && entry.isListed()) {
        var _ = recent.remove(entry.keyHash()); // a pin may delay the retirement of the chunk
      }
      retire(entry, ref);
    }
    return first;
  }

  /**
   * Retires the chunk of a released entry.
   *
   * @param ref the chunk; NONE if the entry keeps it
   */
  void retire(Entry entry, long ref) {
    if (ref != ChunkRef.NONE) {
      counters.remove(entry, valueBytesOf(ref));
      pool.setOwner(ref, null);
      hazardPointers.retire(ref); // last, since it may free other chunks, which may throw
    }
  }
}
