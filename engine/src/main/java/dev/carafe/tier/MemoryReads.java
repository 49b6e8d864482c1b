package dev.carafe.tier;

import dev.carafe.device.NativeMemory;
import dev.carafe.region.ChunkPool;
import dev.carafe.region.ChunkRef;
import dev.carafe.region.HazardPointers;
import dev.carafe.region.ScopedView;
import dev.carafe.spi.EqualByBytes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads values in memory, by their entry or by the table of recent reads. A reader publishes the
 * chunk as a hazard pointer, then checks that the entry or the table still has the chunk. If all
 * hazard pointers are in use, it pins the entry instead.
 *
 * <p>Thread-safe.
 */
public final class MemoryReads {
  /**
   * All memory of the process. Reads that a hazard pointer or a pin protects use it in place of the
   * arena's segment, whose scope and bounds each access would check. Null if native access is
   * denied.
   */
  private static final @Nullable MemorySegment PROCESS = NativeMemory.ofProcess();

  private final EntryChunks chunks;
  private final Generation generation;
  private final ChunkPool pool;

  /** The address of the arena in {@link #memory()}. */
  private final long base;

  private final HazardPointers hazardPointers;

  /** Null if reads change expiration times or start refreshes. */
  private final @Nullable RecentReads recent;

  /** Null if the hit ratios of other sizes are not estimated. */
  private final @Nullable AccessSample sample;

  MemoryReads(
      EntryChunks chunks,
      ChunkPool pool,
      HazardPointers hazardPointers,
      @Nullable RecentReads recent,
      @Nullable AccessSample sample) {
    this.chunks = chunks;
    this.generation = chunks.generation();
    this.pool = pool;
    this.base = PROCESS == null ? 0 : pool.memory().address();
    this.hazardPointers = hazardPointers;
    this.recent = recent;
    this.sample = sample;
  }

  /** {@return the table of recent reads; null if each read must find an entry} */
  public @Nullable RecentReads recentReads() {
    return recent;
  }

  private MemorySegment memory() {
    return PROCESS == null ? pool.memory() : PROCESS;
  }

  /**
   * Returns the position of a chunk in {@link #memory()}. The chunk can't be freed: the caller has
   * published it and then found it linked, or has pinned its entry.
   */
  private long position(long ref) {
    return base + pool.offset(ref);
  }

  /**
   * Reads an entry's value in its chunk, without a copy.
   *
   * @param entry any entry, which may have been released
   * @param reader receives a read-only view that is valid during the call
   * @return the reader's result, or {@link MemoryTier#STALE} if the entry was released
   */
  public @Nullable Object read(
      Entry entry, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    for (; ; ) {
      long ref = entry.ref();
      if (ref == ChunkRef.NONE) {
        return MemoryTier.STALE;
      }
      int hazardSlot = hazardPointers.enter(ref);
      if (hazardSlot < 0) {
        return readPinned(entry, reader);
      }
      try {
        if (entry.ref() == ref) {
          return view(ref, reader);
        }
      } finally {
        hazardPointers.exit(hazardSlot);
      }
    }
  }

  /**
   * Reads a key's value if the table of recent reads has the key.
   *
   * @param key the key
   * @param codec compares the key with the encoded key of the chunk
   * @param reader receives a read-only view that is valid during the call
   * @param <K> keys
   * @return the reader's result, or {@link MemoryTier#STALE} if the table does not have the key
   */
  public <K> @Nullable Object readRecent(
      K key,
      EqualByBytes<? super K> codec,
      Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    RecentReads reads = recent;
    if (reads == null) {
      return MemoryTier.STALE;
    }
    RecentReadsTable table = reads.table();
    int keyHash = chunks.hasher().keyHash(key);
    int way = table.find(keyHash);
    if (way < 0) {
      return MemoryTier.STALE;
    }
    long taggedRef = table.refAt(way);
    int hazardSlot = taggedRef == ChunkRef.NONE ? -1 : hazardPointers.enter(taggedRef);
    if (hazardSlot < 0) {
      return MemoryTier.STALE;
    }
    Object seen;
    try {
      seen =
          reads.isCurrent(table, way, taggedRef)
              ? readIfKey(taggedRef, key, codec, reader)
              : MemoryTier.STALE;
    } finally {
      hazardPointers.exit(hazardSlot);
    }
    if (sample != null && sample.selects(keyHash) && seen != MemoryTier.STALE) {
      sample.recordMemoryHit(keyHash, taggedRef);
    }
    return seen;
  }

  /**
   * Loads the chunks of recently read keys into the processor's cache. The loads of different keys
   * do not depend on each other, so they overlap.
   *
   * @param keys the keys that are read next
   */
  public void prefetch(Iterable<?> keys) {
    RecentReads reads = recent;
    long loaded = 0;
    RecentReadsTable table = reads == null ? RecentReadsTable.NONE : reads.table();
    if (!table.isEmpty()) {
      for (Object key : keys) {
        int way = table.find(chunks.hasher().keyHash(key));
        loaded += way < 0 ? 0 : pool.peek(table.refAt(way), 0);
      }
    }
    if (loaded == Long.MIN_VALUE) { // uses the result, so that the compiler keeps the loads
      Thread.onSpinWait();
    }
  }

  /** Reads a published chunk, or returns STALE if it holds another key with the same tag. */
  private <K> @Nullable Object readIfKey(
      long taggedRef,
      K key,
      EqualByBytes<? super K> codec,
      Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    long position = position(taggedRef);
    long header = ChunkLayout.header(memory(), position);
    return isKey(position, header, key, codec) ? view(position, header, reader) : MemoryTier.STALE;
  }

  private <K> boolean isKey(long position, long header, K key, EqualByBytes<? super K> codec) {
    return codec.isEncoding(
        key, memory(), position + ChunkLayout.HEADER_BYTES, ChunkLayout.keyBytesOf(header));
  }

  private <K> boolean isKey(long ref, K key, EqualByBytes<? super K> codec) {
    long position = position(ref);
    return isKey(position, ChunkLayout.header(memory(), position), key, codec);
  }

  /**
   * Returns whether an entry has a key.
   *
   * @param entry any entry
   * @param key the key
   * @param codec compares the key with the encoded key of the chunk
   * @param <K> keys
   * @return false also if the entry was released
   */
  public <K> boolean isEntryOf(Entry entry, K key, EqualByBytes<? super K> codec) {
    for (; ; ) {
      long ref = entry.ref();
      if (ref == ChunkRef.NONE) {
        return false;
      }
      int hazardSlot = hazardPointers.enter(ref);
      if (hazardSlot < 0) {
        return isPinnedEntryOf(entry, key, codec);
      }
      try {
        if (entry.ref() == ref) {
          return isKey(ref, key, codec);
        }
      } finally {
        hazardPointers.exit(hazardSlot);
      }
    }
  }

  private <K> boolean isPinnedEntryOf(Entry entry, K key, EqualByBytes<? super K> codec) {
    if (!chunks.hold(entry)) {
      return false;
    }
    try {
      return isKey(entry.ref(), key, codec);
    } finally {
      chunks.endHold(entry);
    }
  }

  /**
   * Copies the encoded key of an entry.
   *
   * @param entry any entry
   * @return null if the entry was released
   */
  public byte @Nullable [] keyOf(Entry entry) {
    if (!chunks.hold(entry)) {
      return null;
    }
    try {
      long ref = entry.ref();
      return pool.memory()
          .asSlice(chunks.keyOffset(ref), chunks.keyBytesOf(ref))
          .toArray(ValueLayout.JAVA_BYTE);
    } finally {
      chunks.endHold(entry);
    }
  }

  /**
   * Adds an entry to the table of recent reads, unless it was superseded or released, or expires
   * soon. The caller holds the key's lock.
   */
  public void addToRecentReads(Entry entry) {
    RecentReadsTable table = recent == null ? RecentReadsTable.NONE : recent.tableFor(entry);
    if (table.isEmpty()) {
      return;
    }
    long ref = generation.isLive(entry) ? entry.beginListing() : ChunkRef.NONE;
    if (ref != ChunkRef.NONE) {
      table.add(entry.keyHash(), ref);
      chunks.retire(entry, entry.endListing());
    }
  }

  /**
   * Removes a key from the table of recent reads. The caller holds the key's lock and is about to
   * change its value.
   *
   * @return whether the table had the key
   */
  public boolean removeFromRecentReads(int keyHash) {
    return recent != null && recent.remove(keyHash);
  }

  /** Frees the table of recent reads, so that reads that begin later find nothing in it. */
  public void clearRecentReads() {
    if (recent != null) {
      recent.clear();
    }
  }

  private @Nullable Object readPinned(
      Entry entry, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    if (!chunks.hold(entry)) {
      return MemoryTier.STALE;
    }
    try {
      return view(entry.ref(), reader);
    } finally {
      chunks.endHold(entry);
    }
  }

  private @Nullable Object view(
      long ref, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    long position = position(ref);
    return view(position, ChunkLayout.header(memory(), position), reader);
  }

  private @Nullable Object view(
      long position,
      long header,
      Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    return ScopedView.read(
        memory(),
        position + ChunkLayout.valueOffsetOf(header),
        ChunkLayout.valueBytesOf(header),
        reader);
  }

  /**
   * Returns a view of a pinned entry's value.
   *
   * @param entry an entry that the caller has pinned
   * @return a read-only view, valid while the entry is pinned
   */
  public MemorySegment pinnedView(Entry entry) {
    return ownView(entry.ref());
  }

  /**
   * Returns a view of a held entry's value that the caller can close.
   *
   * @param entry an entry that the caller {@linkplain MemoryTier#hold holds}
   * @return a view confined to this thread
   */
  public ScopedView openView(Entry entry) {
    long offset = pool.offset(entry.ref());
    long header = ChunkLayout.header(pool.memory(), offset);
    return ScopedView.open(
        pool.memory(),
        offset + ChunkLayout.valueOffsetOf(header),
        ChunkLayout.valueBytesOf(header));
  }

  /**
   * Returns a view of the value in a chunk that the caller owns.
   *
   * @param ref a written chunk that no entry has adopted yet
   * @return a read-only view, valid while the caller owns the chunk
   */
  public MemorySegment ownView(long ref) {
    long offset = pool.offset(ref);
    long header = ChunkLayout.header(pool.memory(), offset);
    return pool.memory()
        .asSlice(offset + ChunkLayout.valueOffsetOf(header), ChunkLayout.valueBytesOf(header))
        .asReadOnly();
  }

  /**
   * For checks: visits the owner of each chunk in the table of recent reads; null if the chunk has
   * none.
   */
  public void forEachRecent(Consumer<? super @Nullable Entry> visitor) {
    if (recent != null) {
      recent.forEach(taggedRef -> {
        Entry entry = (Entry) pool.owner(taggedRef);
        boolean owns = entry != null && ChunkRef.isSameSlot(entry.ref(), taggedRef);
        visitor.accept(owns ? entry : null);
      });
    }
  }
}
