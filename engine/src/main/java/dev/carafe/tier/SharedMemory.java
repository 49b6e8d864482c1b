package dev.carafe.tier;

import dev.carafe.device.ProcessBarrier;
import dev.carafe.region.ChunkPool;
import dev.carafe.region.ChunkRef;
import dev.carafe.region.HazardPointers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
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
  private final EvictingAllocator evicting;

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
    this.pool = new ChunkPool(arena.segment());
    this.hazardPointers = new HazardPointers(pool, ProcessBarrier.find());
    EntryEvacuator evacuator = new EntryEvacuator(this, listener);
    this.evicting = new EvictingAllocator(arena, pool, hazardPointers, evacuator, listener);
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

  /** Returns the chunks of an entry's cache; null if the cache is closed. */
  @Nullable EntryChunks chunksOf(Entry entry) {
    return caches[entry.cache()];
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
