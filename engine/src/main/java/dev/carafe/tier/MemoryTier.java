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
public final class MemoryTier implements MemoryReads.ChunkHolds {
  /** What a read returns when the entry's chunk is gone; look the key up again. */
  public static final Object STALE = new Object();

  private static final int MAX_ALLOC_ATTEMPTS = 16;
  private static final long PAGE_BYTES = 4096;

  private final NativeMemory memory;
  private final ChunkPool pool;
  private final HazardPointers hazardPointers;
  private final MemoryReads reads;
  private final EntryEvacuator evacuator = new EntryEvacuator(this);
  private final Counter valueBytes = new Counter();
  private final Counter cleanCount = new Counter();
  private final Counter tooLargeCount = new Counter();

  /** Pins that outlive a call (leases) or did not find a reader slot, plus 1 while open. */
  private final AtomicInteger arenaHolds = new AtomicInteger(1);

  private final AtomicLong leasedCopyBytes = new AtomicLong();
  private volatile boolean closed;
  private @Nullable PressureListener pressureListener;

  /**
   * Maps the arena.
   *
   * @param bytes bound of the regions, taken in whole pages
   * @param entriesExpire whether the end of an entry's life may be moved after it was made
   */
  public MemoryTier(long bytes, boolean entriesExpire) {
    this.memory = NativeMemory.map(bytes / PAGE_BYTES * PAGE_BYTES, true);
    this.pool = new ChunkPool(memory.segment());
    this.hazardPointers = new HazardPointers(pool, ProcessBarrier.find());
    this.reads =
        new MemoryReads(this, pool, hazardPointers, entriesExpire ? null : new RecentReads());
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

  /** {@return the reads of values} */
  public MemoryReads reads() {
    return reads;
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
        reads.recentReads() != null && expiresAtNanos == Long.MAX_VALUE
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
        || pool.footprintBytes(entry.ref()) != pool.footprintBytes(to)
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

  /**
   * Keeps an entry's chunk where it is, until {@link #endHold}, even over {@link #close()}.
   *
   * @param entry any entry
   * @return false if it is gone or the tier is closed
   */
  @Override
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
  @Override
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
   * @param counter incremented if it was not released before, also if freeing its chunk throws;
   *     null if the release is not counted
   * @return false if it was released before
   */
  public boolean release(Entry entry, @Nullable Counter counter) {
    long ref = entry.release();
    boolean first = ref != Entry.ALREADY_RELEASED;
    if (first) {
      if (counter != null) {
        counter.increment();
      }
      RecentReads recent = reads.recentReads();
      if (recent != null && entry.isListed()) {
        recent.removeReleased(entry.key()); // now, since a pin may keep the chunk for long
      }
      retire(entry, ref);
    }
    return first;
  }

  /** A relocated entry's chunk; the caller has claimed the entry. */
  void replaceInRecentReads(Entry entry, long from, long to) {
    RecentReads recent = reads.recentReads();
    if (recent != null && entry.isListed()) {
      recent.replaceChunk(entry.key(), from, to);
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
  @Override
  public void retire(Entry entry, long ref) {
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

  /** Whether the calling thread is in a read of this tier. */
  public boolean isReadByThisThread() {
    return hazardPointers.isReading();
  }

  private void dropArenaHold() {
    if (arenaHolds.decrementAndGet() == 0) {
      memory.close();
    }
  }
}
