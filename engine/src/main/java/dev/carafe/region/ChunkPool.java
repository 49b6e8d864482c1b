package dev.carafe.region;

import dev.carafe.base.Bits;
import dev.carafe.base.Invariants;
import dev.carafe.base.Limits;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Allocates chunks of any size from one bounded arena. {@link Region}s of one size each serve the
 * small sizes.
 *
 * <p>The arena is divided into pages of 4 KiB. A region is a run of pages. If all regions of a size
 * are full, the pool creates another one; if no free run is long enough, it first removes the empty
 * regions of all sizes. If that is not enough, {@link #makeRoom} evacuates the run of pages that
 * holds the fewest bytes (contract B4). The pool never waits and never evicts by itself: {@link
 * #tryAlloc} returns {@link ChunkRef#NONE} if there is no room.
 *
 * <p>Thread-safe. Taking a chunk from a region that has a free one, and freeing a chunk, take no
 * lock. The pool's lock guards the pages. No callback runs under it.
 *
 * <ul>
 *   <li>1. Every page is free or belongs to one region.
 *   <li>2. A region can be found by its id as long as it has pages.
 *   <li>3. No region lies in two of {@link #buffers()}.
 * </ul>
 */
public final class ChunkPool {
  private static final int TARGET_REGIONS = 1024;
  private static final int MAX_TARGET_PAGES = 64;

  private final MemorySegment memory;
  private final int pages;
  private final int targetPages;
  private final SizeClass[] sizeClasses = new SizeClass[ChunkSizes.COUNT];
  private final RegionTable regions;
  private final Evacuation evacuation;

  private final ReentrantLock lock = new ReentrantLock();
  private final PageRuns runs; // guarded by lock

  /**
   * Divides an arena into free pages.
   *
   * @param memory native memory of at least one page, in whole pages; the caller owns it
   * @throws IllegalArgumentException if it is on the heap or not in whole pages
   */
  public ChunkPool(MemorySegment memory) {
    if (!memory.isNative()
        || memory.byteSize() == 0
        || memory.byteSize() % Limits.PAGE_BYTES != 0) {
      throw new IllegalArgumentException("memory must be native, in whole pages, but is " + memory);
    }
    this.memory = memory;
    this.pages = Math.toIntExact(memory.byteSize() / Limits.PAGE_BYTES);
    this.targetPages = Math.clamp(pages / TARGET_REGIONS, 1, MAX_TARGET_PAGES);
    this.regions = new RegionTable(memory);
    this.runs = new PageRuns(pages, (int) (Limits.FIXED_BUFFER_BYTES / Limits.PAGE_BYTES));
    this.evacuation = new Evacuation(this);
    for (int size = 0; size < sizeClasses.length; size++) {
      sizeClasses[size] = new SizeClass(regions, size);
    }
  }

  /**
   * Takes a chunk of at least the given length. Its content is unspecified.
   *
   * @param bytes 1 to {@link #maxChunkBytes()}
   * @return a chunk that has no other owner, or {@link ChunkRef#NONE} if there is no room
   */
  public long tryAlloc(int bytes) {
    int size = ChunkSizes.isShared(bytes) ? ChunkSizes.sizeIndex(bytes) : -1;
    long ref = size < 0 ? Region.NO_SLOT : sizeClasses[size].tryAlloc();
    return ref != Region.NO_SLOT ? ref : allocFromNewRegion(size, bytes);
  }

  /**
   * Holds the lock, so that a thread that finds neither a chunk nor a page knows that no other
   * thread is creating a region of the last pages. Chunks in other threads' magazines are taken
   * only if no region can be created, because two threads that use chunks of one region write to
   * the same cache lines.
   */
  private long allocFromNewRegion(int size, int bytes) {
    lock.lock();
    try {
      long ref = size < 0 ? Region.NO_SLOT : sizeClasses[size].tryAlloc(); // of a newer region
      if (ref != Region.NO_SLOT) {
        return ref;
      }
      PooledRegion fresh = newRegion(size, bytes);
      if (fresh == null && size >= 0) {
        ref = sizeClasses[size].tryAllocAnywhere();
        if (ref != Region.NO_SLOT) {
          return ref;
        }
      }
      if (fresh == null && freeEmptyRegions()) {
        fresh = newRegion(size, bytes);
      }
      if (fresh == null) {
        return ChunkRef.NONE;
      }
      ref = size < 0 ? fresh.tryTakeAny() : sizeClasses[size].allocFirst(fresh);
      return ref == Region.NO_SLOT ? ChunkRef.NONE : ref;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Under the lock: creates a region of the target length, or a shorter one if no run is long
   * enough.
   */
  private @Nullable PooledRegion newRegion(int size, int bytes) {
    if (size < 0) {
      int own = Math.ceilDiv(bytes, Limits.PAGE_BYTES);
      return newRegion(size, own, (int) Math.min(maxChunkBytes(), (long) own * Limits.PAGE_BYTES));
    }
    int chunkBytes = ChunkSizes.sizeBytes(size);
    PooledRegion fresh = null;
    for (int wanted = targetPages; fresh == null && wanted > 0; wanted /= 2) {
      fresh = newRegion(size, ChunkSizes.regionPages(chunkBytes, wanted), chunkBytes);
    }
    return fresh;
  }

  private @Nullable PooledRegion newRegion(int size, int regionPages, int chunkBytes) {
    int first = runs.alloc(regionPages);
    if (first == PageRuns.NONE) {
      return null;
    }
    PooledRegion fresh = null;
    try {
      fresh = regions.add(new PooledRegion.Layout(first, regionPages, size, chunkBytes));
      return fresh;
    } finally {
      if (fresh == null) {
        runs.free(first, regionPages); // the heap had no room for the region's tables
      }
    }
  }

  /** Under the lock: removes the regions without taken chunks; returns whether there were any. */
  private boolean freeEmptyRegions() {
    boolean given = false;
    for (PooledRegion empty : regions.emptyRegions()) {
      if (empty.claimAll()) {
        remove(empty);
        given = true;
      } else {
        sizeClasses[empty.sizeIndex].add(empty); // claimAll has added hints to its free chunks
      }
    }
    return given;
  }

  /** Under the lock: removes a region whose chunks are all claimed, and frees its pages. */
  private void remove(PooledRegion region) {
    detach(region);
    runs.free(region.layout.firstPage(), region.layout.pages());
  }

  /** Under the lock: as {@link #remove}, but the caller frees the pages. */
  void detach(PooledRegion region) {
    int size = region.sizeIndex;
    if (size >= 0) {
      sizeClasses[size].remove(region);
    }
    regions.remove(region);
  }

  /**
   * Frees a chunk.
   *
   * @param ref returned by {@link #tryAlloc}
   * @throws IllegalStateException if it was freed before; nothing changed
   */
  public void free(long ref) {
    PooledRegion region = regions.of(ref);
    region.freeRef(ref);
    int size = region.sizeIndex;
    if (size >= 0) {
      sizeClasses[size].put(region.itemOfSlotZero() + ChunkRef.slot(ref));
    } else if (!region.frozen) {
      removeSingle(region);
    }
  }

  private void removeSingle(PooledRegion region) {
    lock.lock();
    try {
      // only one thread claims it: this one, or the one that froze it meanwhile
      if (!region.frozen && region.claimAll()) {
        remove(region);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns the length of a chunk.
   *
   * @param ref a chunk
   * @return bytes, at least the length that was requested
   */
  public int chunkBytes(long ref) {
    return regions.of(ref).blockSize();
  }

  /**
   * Returns how much of the arena a chunk takes: its share of its region's pages. The chunk may
   * have been freed.
   *
   * @param ref any ref
   * @return bytes, at least the chunk's length; 0 if the region was removed or there is no chunk
   */
  public int footprintBytes(long ref) {
    PooledRegion region = regions.find(ref);
    return region == null ? 0 : region.footprintBytes;
  }

  /**
   * Returns the length of the longest chunk that an empty pool can serve.
   *
   * @return bytes
   */
  public int maxChunkBytes() {
    return (int)
        Math.min(
            Math.min(memory.byteSize(), Limits.FIXED_BUFFER_BYTES),
            Bits.roundDown(Integer.MAX_VALUE, Limits.PAGE_BYTES));
  }

  /**
   * Returns the offset of a chunk.
   *
   * @param ref a chunk
   * @return bytes from the start of {@link #memory()}
   */
  public long offset(long ref) {
    return regions.offset(ref);
  }

  /**
   * Returns the arena.
   *
   * @return the memory given to the constructor
   */
  public MemorySegment memory() {
    return memory;
  }

  /**
   * Returns a view of a chunk's bytes.
   *
   * @param ref a chunk
   * @param fromByte offset of the view in the chunk
   * @param bytes length of the view
   * @return a writable view in the arena's scope
   * @throws IndexOutOfBoundsException if it is not within the chunk
   */
  public MemorySegment slice(long ref, int fromByte, int bytes) {
    Objects.checkFromIndexSize(fromByte, bytes, chunkBytes(ref));
    return memory.asSlice(offset(ref) + fromByte, bytes);
  }

  /**
   * Divides the arena into parts that the kernel accepts as fixed buffers. No chunk lies in two of
   * them.
   *
   * @return at most 1 GiB each
   */
  public List<MemorySegment> buffers() {
    List<MemorySegment> parts = new ArrayList<>();
    for (long from = 0; from < memory.byteSize(); from += Limits.FIXED_BUFFER_BYTES) {
      parts.add(
          memory.asSlice(from, Math.min(Limits.FIXED_BUFFER_BYTES, memory.byteSize() - from)));
    }
    return List.copyOf(parts);
  }

  /**
   * Sets the owner of a chunk, for {@link Evacuator}.
   *
   * @param ref a chunk
   * @param owner an object by which the evacuator can relocate or drop the chunk; null for none
   */
  public void setOwner(long ref, @Nullable Object owner) {
    regions.of(ref).setOwner(ref, owner);
  }

  /**
   * Returns the owner of a chunk.
   *
   * @param ref a chunk
   * @return the object given to {@link #setOwner}
   */
  public @Nullable Object owner(long ref) {
    return regions.of(ref).owner(ref);
  }

  /**
   * Evacuates the run of pages with the fewest live bytes, so that {@link #tryAlloc} of the given
   * length may succeed.
   *
   * @param bytes length to be allocated
   * @param evacuator relocates or drops the chunks in these pages
   * @return whether pages were freed; another thread may take them first
   */
  public boolean makeRoom(int bytes, Evacuator evacuator) {
    return evacuation.makeRoom(bytes, evacuator);
  }

  /** The number of pages of a new region for a chunk of the given length. */
  int pagesNeeded(int bytes) {
    return ChunkSizes.isShared(bytes)
        ? ChunkSizes.regionPages(ChunkSizes.chunkBytes(bytes), targetPages)
        : Math.ceilDiv(bytes, Limits.PAGE_BYTES);
  }

  ReentrantLock lock() {
    return lock;
  }

  PageRuns runs() {
    return runs;
  }

  int pages() {
    return pages;
  }

  /** Under the lock: the region of a page, or null if the page is free. */
  @Nullable PooledRegion regionOfPage(int page) {
    return regions.atPage(page);
  }

  /** Whether the region has not been removed. */
  boolean isLive(PooledRegion region) {
    return regions.find(ChunkRef.of(0, region.id, 0)) == region;
  }

  void unfreeze(PooledRegion region) {
    region.frozen = false;
    int size = region.sizeIndex;
    if (size >= 0) {
      region.addAllHints(); // threads drop hints to a frozen region
      sizeClasses[size].add(region);
    } else {
      removeSingle(region); // a free of its chunk while it was frozen did not remove it
    }
  }

  /**
   * Returns the size of the arena.
   *
   * @return bytes
   */
  public long capacityBytes() {
    return memory.byteSize();
  }

  /**
   * Returns the bytes of all taken chunks, rounding included. Counts them region by region.
   *
   * @return bytes
   */
  public long usedBytes() {
    return regions.usedBytes();
  }

  /**
   * Returns the bytes of the pages that belong to no region.
   *
   * @return bytes
   */
  public long freePageBytes() {
    lock.lock();
    try {
      return (long) runs.freePages() * Limits.PAGE_BYTES;
    } finally {
      lock.unlock();
    }
  }

  /** Visits every taken chunk. Called while no other call is in progress. */
  public void forEachTaken(LongConsumer visitor) {
    regions.forEachTaken(visitor);
  }

  /** Checks the pool's invariants. Called while no other call is in progress. */
  public void checkInvariants() {
    lock.lock();
    try {
      runs.checkInvariants();
      int owned = regions.checkInvariants(sizeClasses);
      Invariants.check(owned + runs.freePages() == pages, "ChunkPool 1: pages are lost");
    } finally {
      lock.unlock();
    }
  }
}
