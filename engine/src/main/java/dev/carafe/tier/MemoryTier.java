package dev.carafe.tier;

import dev.carafe.base.Counter;
import dev.carafe.base.StackReserve;
import dev.carafe.base.Structures;
import dev.carafe.device.NativeMemory;
import dev.carafe.device.ProcessBarrier;
import dev.carafe.region.ChunkPool;
import dev.carafe.region.ChunkRef;
import dev.carafe.region.HazardPointers;
import dev.carafe.region.ScopedView;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Values in memory: chunks of one arena ({@link ChunkLayout}), entries that say where they lie, and
 * the rules by which a chunk changes hands.
 *
 * <p>A chunk belongs to whoever allocated it until it is {@linkplain #adopt adopted} by an entry;
 * from then on to the entry, until the entry is released and its last reader left (M1). The arena
 * goes back to the system after {@link #close()}, when the last pin has gone (M4).
 *
 * <p>Thread-safe. No method is called under a lock that eviction needs, as {@link #alloc} may
 * evict.
 */
public final class MemoryTier {
  /** What {@link #read} returns when the entry's chunk is gone; look the key up again. */
  public static final Object STALE = new Object();

  private static final int MAX_ALLOC_ATTEMPTS = 16;
  private static final long PAGE_BYTES = 4096;

  private final NativeMemory memory;
  private final ChunkPool pool;
  private final HazardPointers hazardPointers;
  private final EntryEvacuator evacuator = new EntryEvacuator(this);
  private final Counter valueBytes = new Counter();
  private final Counter cleanCount = new Counter();
  private final Counter tooLargeCount = new Counter();

  /** Pins that outlive a call (leases) or did not find a reader slot, plus 1 while open. */
  private final AtomicInteger arenaHolds = new AtomicInteger(1);

  private final AtomicLong leasedCopyBytes = new AtomicLong();
  private final boolean entriesExpire;

  /** Null if entries expire, where each read must check the clock. */
  private final @Nullable RecentReads recent;

  private volatile boolean closed;
  private @Nullable PressureListener pressureListener;

  /**
   * Maps the arena.
   *
   * @param bytes bound of the regions, taken in whole pages
   * @param entriesExpire whether the end of an entry's life may be moved after it was made
   */
  public MemoryTier(long bytes, boolean entriesExpire) {
    this.entriesExpire = entriesExpire;
    this.recent = entriesExpire ? null : new RecentReads();
    this.memory = NativeMemory.map(bytes / PAGE_BYTES * PAGE_BYTES, true);
    this.pool = new ChunkPool(memory.segment());
    this.hazardPointers = new HazardPointers(pool, ProcessBarrier.find());
  }

  /** Says which layer makes room. Called once, before the first allocation. */
  public void setPressureListener(PressureListener listener) {
    this.pressureListener = listener;
  }

  @Nullable PressureListener pressureListener() {
    return pressureListener;
  }

  /** {@return the pool, for registering its buffers and reading its figures} */
  public ChunkPool pool() {
    return pool;
  }

  /** {@return the table of recent reads; null if entries expire} */
  public @Nullable RecentReads recentReads() {
    return recent;
  }

  /** {@return the largest value that memory can hold with a key of no bytes, in bytes} */
  public int maxValueBytes() {
    return pool.maxChunkBytes() - ChunkLayout.HEADER_BYTES;
  }

  /**
   * Takes a chunk for a value and its key, evicting if it must.
   *
   * @param keyBytes how long the encoded key is
   * @param valueBytes how long the value is
   * @return a chunk, or NONE as {@link #alloc(int)}
   */
  public long alloc(long keyBytes, int valueBytes) {
    long bytes = (long) ChunkLayout.leadBytes(keyBytes) + valueBytes;
    return bytes > pool.maxChunkBytes() ? ChunkRef.NONE : alloc((int) bytes);
  }

  /**
   * Takes a chunk, evicting if it must. Lower layers refuse; this one decides.
   *
   * @param bytes at least how long the chunk must be
   * @return a chunk, or NONE if memory can't be had: too large, all pinned, or closed
   */
  public long alloc(int bytes) {
    int needed = Math.max(1, bytes);
    long ref = closed ? ChunkRef.NONE : pool.tryAlloc(needed);
    return ref != ChunkRef.NONE ? ref : allocUnderPressure(needed);
  }

  private long allocUnderPressure(int bytes) {
    PressureListener listener = pressureListener;
    if (closed || listener == null || bytes > pool.maxChunkBytes()) {
      return ChunkRef.NONE;
    }
    StackReserve.check(StackReserve.ROOM_KIB);
    for (int round = 0; round < MAX_ALLOC_ATTEMPTS; round++) {
      hazardPointers.scan();
      listener.evictExcess();
      long ref = pool.tryAlloc(bytes);
      if (ref == ChunkRef.NONE && pool.makeRoom(bytes, evacuator)) {
        ref = pool.tryAlloc(bytes);
      }
      if (ref != ChunkRef.NONE || closed) {
        return ref;
      }
      Thread.yield();
    }
    return ChunkRef.NONE;
  }

  /** Gives back a chunk that no entry adopted. */
  public void free(long ref) {
    pool.free(ref);
  }

  /**
   * Writes key and value into a chunk that the caller owns.
   *
   * @param ref a chunk that no entry adopted yet
   * @param key the encoded key
   * @param valueBytes how long the value is
   * @param writer fills the value through a view that is valid during the call
   */
  public void write(
      long ref, MemorySegment key, int valueBytes, Consumer<? super MemorySegment> writer) {
    long offset = pool.offset(ref);
    int lead = ChunkLayout.write(pool.memory(), offset, key, valueBytes);
    ScopedView.write(pool.memory(), offset + lead, valueBytes, writer);
  }

  /**
   * Makes an entry of a written chunk, pinned once for the caller, who publishes it and then calls
   * {@link #unpin}.
   *
   * @param key whose value
   * @param ref the chunk, from now on the entry's
   * @param expiresAtNanos when it expires, in nanoseconds since the epoch
   * @param clean whether the file holds this very value
   * @return the entry
   */
  public Entry adopt(Object key, long ref, long expiresAtNanos, boolean clean) {
    int bytes = ChunkLayout.valueBytesOf(headerOf(ref));
    Entry entry =
        !entriesExpire && expiresAtNanos == Long.MAX_VALUE
            ? new Entry(key, ref, bytes, clean)
            : new ExpiringEntry(key, ref, bytes, expiresAtNanos, clean);
    pool.setOwner(ref, entry);
    valueBytes.add(bytes);
    if (clean) {
      cleanCount.increment();
    }
    return entry;
  }

  /**
   * Replaces the value of an entry by one of the same chunk size. The entry stays in the index and
   * the policy learns nothing. The caller holds the key's lock, and has removed the key from the
   * table of recent reads.
   *
   * @param entry its key's value
   * @param to a written chunk that no entry adopted; the entry's from now on
   * @return false if nothing changed: the sizes differ, or the entry is pinned, released or being
   *     relocated
   */
  public boolean overwrite(Entry entry, long to) {
    if (!entry.isLive()
        || pool.chunkBytesIfTaken(entry.ref()) != pool.chunkBytes(to)
        || !entry.beginRelocation()) {
      return false;
    }
    try {
      long from = entry.ref();
      int bytes = ChunkLayout.valueBytesOf(headerOf(to));
      valueBytes.add(bytes - entry.valueBytes());
      if (entry.isTooLarge()) {
        tooLargeCount.decrement();
      }
      pool.setOwner(to, entry);
      if (entry.overwrite(to, bytes)) {
        cleanCount.decrement();
      }
      pool.setOwner(from, null);
      hazardPointers.retire(from);
    } finally {
      retire(entry, entry.endRelocation()); // else readers would wait for it for ever
    }
    return true;
  }

  /** {@return whether an entry owns a chunk} */
  public boolean isOwned(long ref) {
    return pool.owner(ref) != null;
  }

  /**
   * A view of the value in a chunk that the caller owns.
   *
   * @param ref a written chunk that no entry adopted yet
   * @return a read-only view, valid while the chunk is the caller's
   */
  public MemorySegment ownView(long ref) {
    long offset = pool.offset(ref);
    long header = ChunkLayout.header(pool.memory(), offset);
    return pool.memory()
        .asSlice(offset + ChunkLayout.leadBytesOf(header), ChunkLayout.valueBytesOf(header))
        .asReadOnly();
  }

  /** The bytes of a chunk up to the end of its value. */
  int usedBytes(long ref) {
    long header = headerOf(ref);
    return ChunkLayout.leadBytesOf(header) + ChunkLayout.valueBytesOf(header);
  }

  private long headerOf(long ref) {
    return ChunkLayout.header(pool.memory(), pool.offset(ref));
  }

  /** What the file answered when it was offered a pinned entry's value. */
  public void recordStoreResult(Entry entry, StoreResult stored) {
    if (stored == StoreResult.STORED && entry.markClean()) {
      cleanCount.increment();
    } else if (stored == StoreResult.TOO_LARGE && entry.markTooLarge()) {
      tooLargeCount.increment();
    }
  }

  /** {@return what an entry weighs: the bytes of its chunk, rounding included; 0 if it has none} */
  public int weightBytes(Entry entry) {
    return pool.chunkBytesIfTaken(entry.ref());
  }

  /**
   * Looks at an entry's value where it lies.
   *
   * @param entry any entry, however stale
   * @param reader sees a read-only view that dies with the call
   * @return what the reader returned, or {@link #STALE}
   */
  public @Nullable Object read(
      Entry entry, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    for (; ; ) {
      long ref = entry.ref();
      if (ref == ChunkRef.NONE) {
        return STALE;
      }
      int threadSlot = hazardPointers.enter(ref);
      if (threadSlot < 0) {
        return readPinned(entry, reader);
      }
      try {
        if (entry.ref() == ref) {
          return view(ref, reader);
        }
      } finally {
        hazardPointers.exit(threadSlot);
      }
    }
  }

  /**
   * Reads a key's value if the policy has recorded a recent read of it.
   *
   * @param key whose value
   * @param matcher compares the key with the chunk's
   * @param reader sees a read-only view that dies with the call
   * @param <K> keys
   * @return what the reader returned, or {@link #STALE}
   */
  public <K> @Nullable Object readRecent(
      K key,
      KeyMatcher<? super K> matcher,
      Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    RecentReads reads = recent;
    if (reads == null) {
      return STALE;
    }
    RecentReads.Table table = reads.table();
    int at = reads.find(table, RecentReads.hash(key));
    if (at < 0) {
      return STALE;
    }
    long place = table.placeAt(at);
    int threadSlot = place == ChunkRef.NONE ? -1 : hazardPointers.enter(place);
    if (threadSlot < 0) {
      return STALE;
    }
    try {
      return reads.isCurrent(table, at, place) ? readOf(place, key, matcher, reader) : STALE;
    } finally {
      hazardPointers.exit(threadSlot);
    }
  }

  private <K> @Nullable Object readOf(
      long place,
      K key,
      KeyMatcher<? super K> matcher,
      Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    long offset = pool.offset(place);
    long header = ChunkLayout.header(pool.memory(), offset);
    return ChunkLayout.holdsKey(header)
            && matcher.matches(
                key,
                pool.memory(),
                offset + ChunkLayout.HEADER_BYTES,
                ChunkLayout.keyBytesOf(header))
        ? view(offset, header, reader)
        : STALE;
  }

  /**
   * Adds an entry to the table of recent reads, if it is its key's value. The caller holds the
   * key's lock.
   */
  public void addToRecentReads(Entry entry) {
    RecentReads reads = recent;
    if (reads == null || reads.table().isEmpty()) {
      return;
    }
    int hash = RecentReads.hash(entry.key());
    long ref = entry.beginListing();
    if (ref != ChunkRef.NONE) {
      reads.add(hash, ref);
      retire(entry, entry.endListing());
    }
  }

  /**
   * Removes a key from the table of recent reads. The caller holds the key's lock and is about to
   * change its value.
   *
   * @return whether the table held it
   */
  public boolean removeFromRecentReads(Object key) {
    return recent != null && recent.remove(RecentReads.hash(key));
  }

  private @Nullable Object readPinned(
      Entry entry, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    if (!hold(entry)) {
      return STALE;
    }
    try {
      return view(entry.ref(), reader);
    } finally {
      endHold(entry);
    }
  }

  private @Nullable Object view(
      long ref, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    long offset = pool.offset(ref);
    return view(offset, ChunkLayout.header(pool.memory(), offset), reader);
  }

  private @Nullable Object view(
      long offset,
      long header,
      Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    return ScopedView.read(
        pool.memory(),
        offset + ChunkLayout.leadBytesOf(header),
        ChunkLayout.valueBytesOf(header),
        reader);
  }

  /**
   * A view of a pinned entry's value.
   *
   * @param entry an entry that the caller holds
   * @return a read-only view, valid while it is held
   */
  public MemorySegment pinnedView(Entry entry) {
    return ownView(entry.ref());
  }

  /**
   * A view of a held entry's value that can be ended.
   *
   * @param entry an entry that the caller {@linkplain #hold holds}
   * @return a view confined to this thread
   */
  public ScopedView openView(Entry entry) {
    long offset = pool.offset(entry.ref());
    long header = ChunkLayout.header(pool.memory(), offset);
    return ScopedView.open(
        pool.memory(), offset + ChunkLayout.leadBytesOf(header), ChunkLayout.valueBytesOf(header));
  }

  /**
   * Keeps an entry's chunk where it is, until {@link #endHold}, even over {@link #close()}.
   *
   * @param entry any entry
   * @return false if it is gone or the tier is closed
   */
  public boolean hold(Entry entry) {
    int seen;
    do {
      seen = arenaHolds.get();
      if (seen == 0) {
        return false;
      }
    } while (!arenaHolds.compareAndSet(seen, seen + 1));
    if (entry.pin()) {
      return true;
    }
    dropArenaHold();
    return false;
  }

  /**
   * Ends a {@link #hold}.
   *
   * @param entry what was held
   */
  public void endHold(Entry entry) {
    unpin(entry);
    dropArenaHold();
  }

  /**
   * Keeps an entry's chunk where it is during an operation; for longer, {@link #hold} it.
   *
   * @param entry any entry
   * @return false if the cache has let go of it
   */
  public boolean pin(Entry entry) {
    return entry.pin();
  }

  /** Gives up the pin that {@link #adopt} or {@link #pin} made. */
  public void unpin(Entry entry) {
    retire(entry, entry.unpin());
  }

  /**
   * The cache lets go of an entry; its chunk is reused after its last reader left.
   *
   * @param entry an entry that is in no index any more
   * @return false if it was released before
   */
  public boolean release(Entry entry) {
    return release(entry, null);
  }

  /**
   * As {@link #release(Entry)}.
   *
   * @param entry an entry that is in no index any more
   * @param counter incremented if it was not released before; also if freeing its chunk throws
   * @return false if it was released before
   */
  public boolean release(Entry entry, @Nullable Counter counter) {
    long ref = entry.release();
    boolean first = ref != Entry.ALREADY_RELEASED;
    if (first) {
      if (counter != null) {
        counter.increment();
      }
      if (recent != null && entry.isListed()) {
        recent.removeReleased(entry.key()); // now, since a pin may keep the chunk for long
      }
      retire(entry, ref);
    }
    return first;
  }

  /** A relocated entry's chunk; the caller has claimed the entry. */
  void replaceInRecentReads(Entry entry, long from, long to) {
    if (recent != null && entry.isListed()) {
      recent.replaceChunk(entry.key(), from, to);
    }
  }

  /** For checks: visits the entries in the table of recent reads; null for a chunk without one. */
  public void forEachRecent(Consumer<? super @Nullable Entry> visitor) {
    if (recent != null) {
      recent.forEach(place -> {
        Entry entry = (Entry) pool.owner(place);
        boolean owns = entry != null && ChunkRef.isAt(entry.ref(), place);
        visitor.accept(owns ? entry : null);
      });
    }
  }

  /** Frees all chunks whose entries were released and whose readers have left. */
  public void freeRetired() {
    hazardPointers.scan();
  }

  HazardPointers hazardPointers() {
    return hazardPointers;
  }

  /** What an entry gave up, if anything. */
  void retire(Entry entry, long ref) {
    if (ref != ChunkRef.NONE) {
      valueBytes.add(-entry.valueBytes());
      if (entry.isClean()) {
        cleanCount.decrement();
      }
      if (entry.isTooLarge()) {
        tooLargeCount.decrement();
      }
      pool.setOwner(ref, null);
      hazardPointers.retire(ref); // last: to free others with it may throw
    }
  }

  /** Bytes of the values that entries hold, without rounding. */
  public long valueBytes() {
    return valueBytes.sum();
  }

  /** How many entries have a value that no extent of the file can hold, as was found out. */
  public long tooLargeCount() {
    return tooLargeCount.sum();
  }

  /** {@return the bytes that open leases hold beside the regions, as copies} */
  public AtomicLong leasedCopyBytes() {
    return leasedCopyBytes;
  }

  /** How many entries have a value that the file was seen to hold. */
  public long cleanCount() {
    return cleanCount.sum();
  }

  /** {@return how often a value was copied to make room} */
  public long relocations() {
    return evacuator.count();
  }

  /** Before it is closed: checks chunks and counts against all entries that a key leads to. */
  public void checkInvariants(Collection<Entry> entries) {
    new MemoryCheck(this, arenaHolds.get() - 1).run(entries);
  }

  /**
   * No more allocations; waits for scoped reads under way. The arena goes back to the system when
   * nothing holds on to it any more. All entries must have been released before.
   */
  public void close() {
    closed = true;
    hazardPointers.awaitQuiescence();
    Structures.closing(() -> checkInvariants(List.of()));
    dropArenaHold();
  }

  /** Whether the calling thread is in a {@link #read} of this tier. */
  public boolean isReadByThisThread() {
    return hazardPointers.isReading();
  }

  private void dropArenaHold() {
    if (arenaHolds.decrementAndGet() == 0) {
      memory.close();
    }
  }
}
