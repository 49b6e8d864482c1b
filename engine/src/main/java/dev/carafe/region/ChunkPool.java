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
 * Chunks of every size from one bounded arena, each size served by {@link Region}s of that size.
 *
 * <p>The arena is cut into pages of 4 KiB. A region is a run of pages; when a size needs more, it
 * takes a run, and when none is long enough, empty regions of other sizes give theirs back. What
 * can't be had so is made by {@link #makeRoom}: the cheapest place is vacated (contract B4). Full
 * is an answer: the pool never waits and never evicts.
 *
 * <p>Thread-safe. Taking a chunk from a region that has one, and giving one back, takes no lock.
 * The pool's lock guards the pages; nothing is called under it.
 *
 * <ul>
 *   <li>1. Every page is free or belongs to one region.
 *   <li>2. A region's id leads to it as long as it has pages.
 *   <li>3. No region crosses a border between two of {@link #buffers()}.
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
   * Cuts an arena into pages, all free.
   *
   * @param memory native memory in whole pages, at least one; it stays the caller's
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
   * Takes a chunk that holds at least so many bytes. Content unspecified.
   *
   * @param bytes 1 to {@link #maxChunkBytes()}
   * @return a chunk that nobody else has, or {@link ChunkRef#NONE} if there is no room now
   */
  public long tryAlloc(int bytes) {
    int size = ChunkSizes.isShared(bytes) ? ChunkSizes.sizeIndex(bytes) : -1;
    long ref = size < 0 ? Region.NO_SLOT : sizeClasses[size].tryAlloc();
    return ref != Region.NO_SLOT ? ref : allocFromNewRegion(size, bytes);
  }

  /**
   * One thread at a time, so that a thread that finds neither a chunk nor a page knows that no
   * other thread is making a region of the last pages. Chunks in other threads' magazines come
   * after a new region: two threads that use chunks of one region write to the same cache lines.
   */
  private long allocFromNewRegion(int size, int bytes) {
    lock.lock();
    try {
      long ref = size < 0 ? Region.NO_SLOT : sizeClasses[size].tryAlloc(); // of one made meanwhile
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

  /** Under the lock: a region of the wanted length, or of what is to be had. */
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
        runs.free(first, regionPages); // the heap had no room for the region's own table
      }
    }
  }

  /** Under the lock: regions in which nothing is taken give their pages back; whether any did. */
  private boolean freeEmptyRegions() {
    boolean given = false;
    for (PooledRegion empty : regions.emptyRegions()) {
      if (empty.claimAll()) {
        remove(empty);
        given = true;
      } else {
        sizeClasses[empty.sizeIndex].add(empty); // what is free is on offer there now
      }
    }
    return given;
  }

  /** Under the lock: a region whose chunks are all claimed is no more. */
  private void remove(PooledRegion region) {
    detach(region);
    runs.free(region.layout.firstPage(), region.layout.pages());
  }

  /** Under the lock: as {@link #remove}, but the pages stay with the caller. */
  void detach(PooledRegion region) {
    int size = region.sizeIndex;
    if (size >= 0) {
      sizeClasses[size].remove(region);
    }
    regions.remove(region);
  }

  /**
   * Gives a chunk back.
   *
   * @param ref what {@link #tryAlloc} returned
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
      // claimed by one only: by this free, or by whoever froze it meanwhile
      if (!region.frozen && region.claimAll()) {
        remove(region);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * How long a chunk is.
   *
   * @param ref a chunk
   * @return bytes, at least what was asked for
   */
  public int chunkBytes(long ref) {
    return regions.of(ref).blockSize();
  }

  /**
   * How long a chunk would be.
   *
   * @param bytes what would be asked for
   * @return bytes
   */
  public static int chunkBytesFor(int bytes) {
    return ChunkSizes.chunkBytes(bytes);
  }

  /**
   * The longest chunk that this pool can ever have.
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
   * Where a chunk begins.
   *
   * @param ref a chunk
   * @return bytes from the start of {@link #memory()}
   */
  public long offset(long ref) {
    return regions.offset(ref);
  }

  /**
   * The arena.
   *
   * @return all of it
   */
  public MemorySegment memory() {
    return memory;
  }

  /**
   * A chunk's bytes.
   *
   * @param ref a chunk
   * @param fromByte where the view begins in it
   * @param bytes how long the view is
   * @return a writable view in the arena's scope
   * @throws IndexOutOfBoundsException if it is not within the chunk
   */
  public MemorySegment slice(long ref, int fromByte, int bytes) {
    Objects.checkFromIndexSize(fromByte, bytes, chunkBytes(ref));
    return memory.asSlice(offset(ref) + fromByte, bytes);
  }

  /**
   * The arena in parts that the kernel takes as fixed buffers. No chunk straddles two.
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
   * Says who holds a chunk, for {@link Evacuator}.
   *
   * @param ref a chunk
   * @param owner whoever can move or drop it, or null
   */
  public void setOwner(long ref, @Nullable Object owner) {
    regions.of(ref).setOwner(ref, owner);
  }

  /**
   * Who holds a chunk.
   *
   * @param ref a chunk
   * @return what {@link #setOwner} was given
   */
  public @Nullable Object owner(long ref) {
    return regions.of(ref).owner(ref);
  }

  /**
   * Vacates the place with the least live bytes, so that {@link #tryAlloc} of so many bytes may
   * succeed.
   *
   * @param bytes what is to be allocated
   * @param evacuator moves or drops what lives there
   * @return whether room was made; somebody else may take it first
   */
  public boolean makeRoom(int bytes, Evacuator evacuator) {
    return evacuation.makeRoom(bytes, evacuator);
  }

  /** The pages that a chunk of so many bytes needs if its size has to begin a region. */
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

  /** Whether the region is still a region. */
  boolean isLive(PooledRegion region) {
    return regions.find(ChunkRef.of(0, region.id, 0)) == region;
  }

  void unfreeze(PooledRegion region) {
    region.frozen = false;
    int size = region.sizeIndex;
    if (size >= 0) {
      region.addAllHints(); // hints of a frozen region were dropped
      sizeClasses[size].add(region);
    } else {
      removeSingle(region); // if its chunk was freed while frozen, nobody did
    }
  }

  /**
   * All there is.
   *
   * @return bytes of the arena
   */
  public long capacityBytes() {
    return memory.byteSize();
  }

  /**
   * Chunks that are handed out. Counts them, region by region.
   *
   * @return their bytes, rounding included
   */
  public long usedBytes() {
    return regions.usedBytes();
  }

  /**
   * Pages that belong to no region.
   *
   * @return their bytes
   */
  public long freePageBytes() {
    lock.lock();
    try {
      return (long) runs.freePages() * Limits.PAGE_BYTES;
    } finally {
      lock.unlock();
    }
  }

  /** Visits every chunk that is handed out, while no call is under way. */
  public void forEachTaken(LongConsumer visitor) {
    regions.forEachTaken(visitor);
  }

  /** Checks the pool's structure while nobody is inside a call. */
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
