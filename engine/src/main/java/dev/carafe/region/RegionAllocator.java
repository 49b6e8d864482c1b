package dev.carafe.region;

import dev.carafe.base.Bits;
import dev.carafe.base.Invariants;
import dev.carafe.base.Limits;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Allocates chunks from regions, and regions from the pages of the arena. It creates a region if
 * all regions of a size are full, and removes the empty regions of all sizes if no free run of
 * pages is long enough.
 *
 * <p>Thread-safe. The lock guards the pages. No callback runs under it.
 *
 * <ul>
 *   <li>1. Every page is free or belongs to one region.
 *   <li>2. A region can be found by its id as long as it has pages.
 *   <li>3. No region lies in two of {@link ChunkPool#buffers()}.
 * </ul>
 *
 * <p>Proved by {@code ChunkPoolModelTest} and {@code ChunkPoolStressTest}.
 */
final class RegionAllocator {
  private static final int TARGET_REGIONS = 1024;
  private static final int MAX_TARGET_PAGES = 64;

  /** The number of pages that may hold new chunks; written under the lock. */
  private volatile int pages;

  private final SizeClass[] sizeClasses = new SizeClass[ChunkSizes.COUNT];

  /**
   * The magazines of all size classes. A look-up by thread slot and size is one load, which does
   * not wait for that of the size class.
   */
  private final @Nullable Magazine[] magazines = Magazines.newTable(ChunkSizes.COUNT);

  private final RegionTable regions;
  private final ReentrantLock lock = new ReentrantLock();
  private final PageRuns runs; // guarded by lock

  RegionAllocator(RegionTable regions, int pages) {
    this.pages = pages;
    this.regions = regions;
    this.runs = new PageRuns(pages, (int) (Limits.FIXED_BUFFER_BYTES / Limits.PAGE_BYTES));
    for (int size = 0; size < sizeClasses.length; size++) {
      sizeClasses[size] = new SizeClass(regions, size, magazines);
    }
  }

  int maxChunkBytes() {
    return (int)
        Math.min(
            Math.min((long) pages * Limits.PAGE_BYTES, Limits.FIXED_BUFFER_BYTES),
            Bits.roundDown(Integer.MAX_VALUE, Limits.PAGE_BYTES));
  }

  /** The preferred number of pages of a region. */
  private int targetPages() {
    return Math.clamp(pages / TARGET_REGIONS, 1, MAX_TARGET_PAGES);
  }

  /**
   * Changes the number of pages. From now on, new chunks are before the new end. Chunks beyond it
   * remain until they are freed.
   */
  void resize(int newPages) {
    lock.lock();
    try {
      int before = pages;
      if (newPages > before) {
        regions.extend(newPages);
        runs.extend(newPages);
        pages = newPages;
        regions.forEachGap(before, newPages, runs::freeAll);
        regions.regionsFrom(before).forEach(this::unfreeze);
      } else {
        runs.truncate(newPages);
        pages = newPages;
        regions.regionsFrom(newPages).forEach(region -> region.frozen = true);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Visits the runs of pages from the end on that belong to no region.
   *
   * @param mappedPages the end of the last run
   */
  void forEachGap(int mappedPages, RegionTable.PageVisitor visitor) {
    lock.lock();
    try {
      regions.forEachGap(pages, mappedPages, visitor);
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock: the regions that have pages beyond the end. */
  List<PooledRegion> regionsBeyondEnd() {
    return regions.regionsFrom(pages);
  }

  /** Takes a chunk: {@link ChunkPool#tryAlloc}. */
  long tryAlloc(int bytes) {
    int size = ChunkSizes.isShared(bytes) ? ChunkSizes.sizeIndex(bytes) : -1;
    long ref = size < 0 ? Region.NO_SLOT : tryAllocShared(size);
    return ref != Region.NO_SLOT ? ref : allocFromNewRegion(size, bytes);
  }

  private long tryAllocShared(int size) {
    Magazine magazine = magazine(size);
    long ref = magazine == null ? Region.NO_SLOT : sizeClasses[size].takeFrom(magazine);
    return ref != Region.NO_SLOT ? ref : sizeClasses[size].tryAlloc();
  }

  /** The calling thread's magazine of a size class; null if it has none yet. */
  private @Nullable Magazine magazine(int size) {
    int threadSlot = ThreadSlots.current();
    return threadSlot < 0 ? null : magazines[threadSlot * ChunkSizes.COUNT + size];
  }

  /**
   * Holds the lock. So if this thread finds neither a chunk nor a page, no other thread is creating
   * a region of the last pages. Chunks in other threads' magazines are taken only if no region can
   * be created, because two threads that use chunks of one region write to the same cache lines.
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
    for (int wanted = targetPages(); fresh == null && wanted > 0; wanted /= 2) {
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
    boolean freed = false;
    for (PooledRegion empty : regions.emptyRegions()) {
      if (empty.claimAll()) {
        remove(empty);
        freed = true;
      } else {
        sizeClasses[empty.sizeIndex].add(empty); // claimAll has added hints to its free chunks
      }
    }
    return freed;
  }

  /** Under the lock: removes a region whose chunks are all claimed, and frees its pages. */
  void remove(PooledRegion region) {
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

  /** Frees a chunk: {@link ChunkPool#free}. */
  void free(long ref) {
    PooledRegion region = regions.of(ref);
    region.freeRef(ref);
    int size = region.sizeIndex;
    if (size >= 0) {
      long item = region.itemOfSlotZero() + ChunkRef.slot(ref);
      Magazine magazine = magazine(size);
      if (magazine == null || !magazine.push(item)) {
        sizeClasses[size].put(item);
      }
    } else if (!region.frozen) {
      removeSingle(region);
    }
  }

  private void removeSingle(PooledRegion region) {
    lock.lock();
    try {
      // one thread claims it: this one, or the evacuating thread that froze it meanwhile
      if (!region.frozen && region.claimAll()) {
        remove(region);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The number of pages of a new region for a chunk of the given length. */
  int pagesNeeded(int bytes) {
    return ChunkSizes.isShared(bytes)
        ? ChunkSizes.regionPages(ChunkSizes.chunkBytes(bytes), targetPages())
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

  /** Lets chunks be taken from a region, unless it was removed or has pages beyond the end. */
  void unfreeze(PooledRegion region) {
    lock.lock();
    try {
      boolean live = regions.find(ChunkRef.of(0, region.id, 0)) == region;
      if (!live || region.layout.firstPage() + region.layout.pages() > pages) {
        return;
      }
      region.frozen = false;
      int size = region.sizeIndex;
      if (size >= 0) {
        region.addAllHints(); // threads drop hints to a frozen region
        sizeClasses[size].add(region);
      } else {
        removeSingle(region); // a free of its chunk while it was frozen did not remove it
      }
    } finally {
      lock.unlock();
    }
  }

  /** The number of pages that belong to no region. */
  int freePages() {
    lock.lock();
    try {
      return runs.freePages();
    } finally {
      lock.unlock();
    }
  }

  /** Checks the invariants. Called while no other call is in progress. */
  void checkInvariants() {
    lock.lock();
    try {
      runs.checkInvariants();
      int owned = regions.checkInvariants(sizeClasses, pages);
      Invariants.check(owned + runs.freePages() == pages, "RegionAllocator 1: pages are lost");
    } finally {
      lock.unlock();
    }
  }
}
