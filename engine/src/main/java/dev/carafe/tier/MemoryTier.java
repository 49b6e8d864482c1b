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
 * Values in memory: chunks of one arena, entries that say where they lie, and the rules by which a
 * chunk changes hands.
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

  /** {@return the largest value that memory can hold, in bytes} */
  public int maxValueBytes() {
    return pool.maxChunkBytes();
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
   * The bytes of a chunk that the caller owns.
   *
   * @param ref a chunk that no entry adopted yet
   * @param fromByte where the view begins
   * @param bytes how long it is
   * @return a writable view, valid while the chunk is the caller's
   */
  public MemorySegment slice(long ref, int fromByte, int bytes) {
    return pool.slice(ref, fromByte, bytes);
  }

  /**
   * Lets someone write into a chunk that the caller owns, through a view that dies with the call.
   *
   * @param ref a chunk that no entry adopted yet
   * @param bytes how long the view is
   * @param writer fills it
   */
  public void write(long ref, int bytes, Consumer<? super MemorySegment> writer) {
    ScopedView.write(pool.memory(), pool.offset(ref), bytes, writer);
  }

  /**
   * Makes an entry of a written chunk, pinned once for the caller, who publishes it and then calls
   * {@link #unpin}.
   *
   * @param key whose value
   * @param ref the chunk, from now on the entry's
   * @param leadBytes where the value begins in the chunk
   * @param bytes how long the value is
   * @param expiresAtNanos when it expires, in nanoseconds since the epoch
   * @param clean whether the file holds this very value
   * @return the entry
   */
  public Entry adopt(
      Object key, long ref, int leadBytes, int bytes, long expiresAtNanos, boolean clean) {
    boolean plain = !entriesExpire && leadBytes == 0 && expiresAtNanos == Long.MAX_VALUE;
    Entry entry =
        plain
            ? new Entry(key, ref, bytes, clean)
            : new ExpiringEntry(key, ref, leadBytes, bytes, expiresAtNanos, clean);
    pool.setOwner(ref, entry);
    valueBytes.add(bytes);
    if (clean) {
      cleanCount.increment();
    }
    return entry;
  }

  /** What the file answered when it was offered a pinned entry's value. */
  public void recordStoreResult(Entry entry, StoreResult stored) {
    if (stored == StoreResult.STORED && entry.markClean()) {
      cleanCount.increment();
    } else if (stored == StoreResult.TOO_LARGE && entry.markTooLarge()) {
      tooLargeCount.increment();
    }
  }

  /** {@return what an entry weighs: the bytes of its chunk, rounding included} */
  public static int weightBytes(Entry entry) {
    return ChunkPool.chunkBytesFor(Math.max(1, entry.leadBytes() + entry.valueBytes()));
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
          return view(entry, ref, reader);
        }
      } finally {
        hazardPointers.exit(threadSlot);
      }
    }
  }

  /**
   * As {@link #read}, for an entry found by a shortcut: only if it is its key's value still, and
   * where it was. The place is known before the entry is, so the processor fetches both at once.
   */
  public @Nullable Object readLive(
      Entry entry, long place, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    long ref = entry.ref();
    int threadSlot = ChunkRef.isAt(ref, place) ? hazardPointers.enter(ref) : -1;
    if (threadSlot < 0) {
      return STALE;
    }
    try {
      return entry.isLive() && entry.ref() == ref ? view(entry, place, reader) : STALE;
    } finally {
      hazardPointers.exit(threadSlot);
    }
  }

  private @Nullable Object readPinned(
      Entry entry, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    if (!hold(entry)) {
      return STALE;
    }
    try {
      return view(entry, entry.ref(), reader);
    } finally {
      endHold(entry);
    }
  }

  private @Nullable Object view(
      Entry entry, long ref, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    return ScopedView.read(
        pool.memory(), pool.offset(ref) + entry.leadBytes(), entry.valueBytes(), reader);
  }

  /**
   * A view of a pinned entry's value.
   *
   * @param entry an entry that the caller holds
   * @return a read-only view, valid while it is held
   */
  public MemorySegment pinnedView(Entry entry) {
    return pool.slice(entry.ref(), entry.leadBytes(), entry.valueBytes()).asReadOnly();
  }

  /**
   * A view of a held entry's value that can be ended.
   *
   * @param entry an entry that the caller {@linkplain #hold holds}
   * @return a view confined to this thread
   */
  public ScopedView openView(Entry entry) {
    return ScopedView.open(
        pool.memory(), pool.offset(entry.ref()) + entry.leadBytes(), entry.valueBytes());
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
    long ref = entry.release();
    boolean first = ref != Entry.ALREADY_RELEASED;
    if (first) {
      retire(entry, ref);
    }
    return first;
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
