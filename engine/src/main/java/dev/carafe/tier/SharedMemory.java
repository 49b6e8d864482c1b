package dev.carafe.tier;

import dev.carafe.device.ProcessBarrier;
import dev.carafe.log.format.CacheNumber;
import dev.carafe.region.ChunkPool;
import dev.carafe.region.ChunkRef;
import dev.carafe.region.HazardPointers;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The memory that the caches of a store share: one arena, the pool of its chunks and the hazard
 * pointers of the readers. Each cache has a {@link MemoryTier} over it.
 *
 * <p>A full pool is a matter of all caches: {@link #alloc} lets their policies evict entries, and
 * the evacuation of pages relocates the entries of any cache.
 *
 * <p>Thread-safe. {@link #alloc} may evict, so it must not be called under a lock that eviction
 * needs.
 */
public final class SharedMemory implements ChunkSource {
  private final Arena arena;
  private final ChunkPool pool;
  private final HazardPointers hazardPointers;
  private final ArenaResizer resizer;
  private final EvictingAllocator evicting;
  private final PressureListener listener;

  /** The entries and chunks of each open cache, by its number. */
  private volatile @Nullable EntryChunks[] caches = {};

  /**
   * Maps the arena.
   *
   * @param bytes the length of the arena, rounded down to whole pages
   * @param listener evicts entries when the pool is full
   */
  public SharedMemory(long bytes, PressureListener listener) {
    this.arena = new Arena(bytes);
    this.pool = new ChunkPool(arena.segment(), arena.mappedBytes());
    this.hazardPointers = new HazardPointers(pool, ProcessBarrier.find());
    this.listener = listener;
    EntryEvacuator evacuator = new EntryEvacuator(this);
    this.resizer = new ArenaResizer(arena, pool, hazardPointers, evacuator, listener);
    this.evicting =
        new EvictingAllocator(arena, pool, hazardPointers, evacuator, listener, resizer);
  }

  /**
   * Changes the capacity while other threads use the memory. Addresses for 16 times the length at
   * opening, and at least 16 GiB, are reserved; the pool's {@link ChunkPool#memory()} has them.
   *
   * <p>A larger capacity is available at once. A smaller one counts at once: no chunk is allocated
   * beyond it. The entries beyond it are relocated, or evicted if there is no room, and the memory
   * goes back to the system before the call returns, except that of chunks in use, such as those of
   * leases. It goes back when a later allocation or resize finds them free. The caller reduces the
   * maximum weight of the policies before it shrinks the memory, and raises it after the memory has
   * grown. The call may wait for the device, as an eviction does.
   *
   * @param bytes the capacity, rounded down to whole pages
   * @param register called with the memory to register as fixed buffers from now on, if it changed
   * @return whether nothing is left beyond the capacity
   * @throws IllegalArgumentException if the capacity is less than a page or exceeds the reserved
   *     addresses
   * @throws OutOfMemoryError if the system has no more memory; nothing changed
   * @throws IllegalStateException if the memory is closed
   */
  public boolean resize(long bytes, Consumer<? super List<MemorySegment>> register) {
    return resizer.resize(bytes, register);
  }

  /** {@return the largest capacity that {@link #resize} accepts, in bytes} */
  public long maxCapacityBytes() {
    return arena.segment().byteSize();
  }

  @Override
  public ChunkPool pool() {
    return pool;
  }

  Arena arena() {
    return arena;
  }

  HazardPointers hazardPointers() {
    return hazardPointers;
  }

  @Override
  public long alloc(int bytes) {
    int needed = Math.max(1, bytes);
    long ref = arena.isClosed() ? ChunkRef.NONE : pool.tryAlloc(needed);
    return ref != ChunkRef.NONE ? ref : evicting.alloc(needed);
  }

  @Override
  public void free(long ref) {
    pool.free(ref);
  }

  /** Frees the chunks of released entries that have no reader. */
  public void freeRetired() {
    hazardPointers.scan();
  }

  /** Registers the entries of a cache that opens. */
  synchronized void add(int cache, EntryChunks chunks) {
    @Nullable EntryChunks[] copy = Arrays.copyOf(caches, Math.max(caches.length, cache + 1));
    copy[cache] = chunks;
    caches = copy;
  }

  /** Ends the registration of a cache that has released all its entries. */
  synchronized void remove(int cache) {
    @Nullable EntryChunks[] copy = caches.clone();
    copy[cache] = null;
    caches = copy;
  }

  /**
   * Returns the number of an entry's cache. The number is in the entry's chunk, before its key. The
   * chunk may be freed and get other bytes meanwhile. If the entry has the same chunk afterwards,
   * the bytes were its own.
   *
   * @return {@link CacheNumber#NONE} if the entry was released; {@link CacheNumber#ALL} for the
   *     only cache of a store without names
   */
  private int cacheOf(Entry entry) {
    if (chunksOf(CacheNumber.ALL) != null) {
      return CacheNumber.ALL;
    }
    for (long ref = entry.ref(); ref != ChunkRef.NONE; ) {
      int cache = CacheNumber.ofWord(pool.peek(ref, ChunkLayout.HEADER_BYTES));
      VarHandle.loadLoadFence();
      long now = entry.ref();
      if (now == ref) {
        return cache;
      }
      ref = now;
    }
    return CacheNumber.NONE;
  }

  private @Nullable EntryChunks chunksOf(int cache) {
    @Nullable EntryChunks[] all = caches;
    return cache >= 0 && cache < all.length ? all[cache] : null;
  }

  /** Copies an entry's value to another chunk, which replaces the old one. */
  boolean relocate(Entry entry, long from, long to) {
    EntryChunks chunks = chunksOf(cacheOf(entry));
    return chunks != null && chunks.relocate(entry, from, to);
  }

  /** Removes an entry from memory: {@link PressureListener#demote}. */
  void demote(Entry entry) {
    int cache = cacheOf(entry);
    if (cache != CacheNumber.NONE) {
      listener.demote(cache, entry);
    }
  }

  /**
   * Checks chunks and counters against all entries of all caches. No operation is under way.
   *
   * @param entries the entries of each index and each spill
   */
  public void checkInvariants(Collection<Entry> entries) {
    List<EntryChunks> open = new ArrayList<>();
    for (EntryChunks chunks : caches) {
      if (chunks != null) {
        open.add(chunks);
      }
    }
    new MemoryCheck(this, open).run(entries);
  }

  /**
   * Refuses further allocations and waits for the reads in progress. The arena is unmapped when the
   * last hold has ended. All caches have released their entries.
   */
  public void close() {
    arena.beginClose();
    hazardPointers.awaitQuiescence();
    arena.endHold();
  }
}
