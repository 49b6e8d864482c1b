package dev.carafe.region;

import dev.carafe.base.Invariants;
import dev.carafe.base.Limits;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Maps ids and pages to regions. An id is reused for a later region, whose chunks have later
 * generations, so that no stale {@link ChunkRef} matches them.
 *
 * <p>Changes need the allocator's lock; {@link #of} and {@link #find} need none.
 */
final class RegionTable {
  private static final VarHandle ORIGIN = MethodHandles.arrayElementVarHandle(long[].class);

  private final MemorySegment memory;

  /** Replaced by a longer one under the allocator's lock, as the arrays below. */
  private volatile AtomicReferenceArray<@Nullable PooledRegion> regions;

  /**
   * By id: first page {@code << 32 |} bytes of a chunk; 0 for none. A reader computes a chunk's
   * offset after one load from a small table.
   */
  private volatile long[] origins;

  private int[] idAtPage; // 0 for a free page
  private int[] generations; // first generation of an id's next region
  private int[] freeIds; // a stack, so that removing a region allocates nothing
  private int freeIdCount;
  private int nextId = 1;

  RegionTable(MemorySegment memory, int pages) {
    this.memory = memory;
    int ids = ids(pages);
    this.regions = new AtomicReferenceArray<>(ids);
    this.origins = new long[ids];
    this.generations = new int[ids];
    this.idAtPage = new int[pages];
    this.freeIds = new int[ids];
  }

  private static int ids(int pages) {
    return Math.min(pages, ChunkRef.MAX_REGIONS) + 1;
  }

  /**
   * Under the lock: makes room for the regions of more pages. A reader that has a ref of a later
   * region reads the longer arrays, since they were replaced before.
   */
  void extend(int pages) {
    int ids = ids(pages);
    if (pages <= idAtPage.length) {
      return;
    }
    AtomicReferenceArray<@Nullable PooledRegion> before = regions;
    AtomicReferenceArray<@Nullable PooledRegion> longer = new AtomicReferenceArray<>(ids);
    for (int id = 0; id < before.length(); id++) {
      longer.setPlain(id, before.get(id));
    }
    idAtPage = Arrays.copyOf(idAtPage, pages);
    generations = Arrays.copyOf(generations, ids);
    freeIds = Arrays.copyOf(freeIds, ids);
    origins = Arrays.copyOf(origins, ids);
    regions = longer;
  }

  /** The region of a chunk. Volatile read. */
  PooledRegion of(long ref) {
    PooledRegion region = find(ref);
    if (region == null) {
      throw new IllegalStateException(ChunkRef.toString(ref) + " was freed before");
    }
    return region;
  }

  /** The region of a chunk, or null if there is none. Volatile read. */
  @Nullable PooledRegion find(long ref) {
    AtomicReferenceArray<@Nullable PooledRegion> all = regions;
    int id = ChunkRef.region(ref);
    return id < all.length() ? all.get(id) : null;
  }

  /** The offset of a taken chunk, in bytes from the start of the arena. */
  long offset(long ref) {
    long offset = offsetOrNegative(ref);
    if (offset < 0) {
      throw new IllegalStateException(ChunkRef.toString(ref) + " was freed before");
    }
    return offset;
  }

  /** The offset of a chunk that may be freed meanwhile; negative if its region was removed. */
  long offsetOrNegative(long ref) {
    long[] all = origins;
    int id = ChunkRef.region(ref);
    long origin = id < all.length ? (long) ORIGIN.getOpaque(all, id) : 0;
    return origin == 0
        ? -1
        : (origin >>> Integer.SIZE) * Limits.PAGE_BYTES + (long) ChunkRef.slot(ref) * (int) origin;
  }

  /** Creates a region of a run of pages. */
  PooledRegion add(PooledRegion.Layout layout) {
    int id = freeIdCount == 0 ? nextId : freeIds[freeIdCount - 1];
    int first = layout.firstPage();
    long bytes = (long) layout.pages() * Limits.PAGE_BYTES;
    MemorySegment buffer = memory.asSlice((long) first * Limits.PAGE_BYTES, bytes);
    PooledRegion fresh = new PooledRegion(id, layout, buffer, generations[id]);
    if (freeIdCount == 0) { // not before: the constructor may throw
      nextId++;
    } else {
      freeIdCount--;
    }
    Arrays.fill(idAtPage, first, first + layout.pages(), id);
    ORIGIN.setOpaque(origins, id, (long) first << Integer.SIZE | layout.chunkBytes());
    regions.set(id, fresh);
    return fresh;
  }

  void remove(PooledRegion region) {
    int first = region.layout.firstPage();
    regions.set(region.id, null);
    ORIGIN.setOpaque(origins, region.id, 0L);
    generations[region.id] = region.nextGeneration();
    freeIds[freeIdCount++] = region.id;
    Arrays.fill(idAtPage, first, first + region.layout.pages(), 0);
  }

  /** Regions of a size class in which no chunk is taken at this moment, except frozen regions. */
  List<PooledRegion> emptyRegions() {
    List<PooledRegion> found = new ArrayList<>();
    for (int id = 1; id < nextId; id++) {
      PooledRegion region = regions.get(id);
      if (region != null && region.sizeIndex >= 0 && !region.frozen && region.isEmpty()) {
        found.add(region);
      }
    }
    return found;
  }

  @Nullable PooledRegion atPage(int page) {
    return page >= idAtPage.length || idAtPage[page] == 0 ? null : regions.get(idAtPage[page]);
  }

  /** Visits the runs of pages that belong to no region, from a page on and before an end. */
  void forEachGap(int from, int end, PageVisitor visitor) {
    int first = from;
    for (int page = from; page <= end; page++) {
      if (page == end || atPage(page) != null) {
        if (page > first) {
          visitor.visit(first, page - first);
        }
        first = page + 1;
      }
    }
  }

  /** Receives a run of pages. */
  interface PageVisitor {
    void visit(int firstPage, int count);
  }

  /** Regions with pages from a page on. */
  List<PooledRegion> regionsFrom(int page) {
    List<PooledRegion> found = new ArrayList<>();
    for (int id = 1; id < nextId; id++) {
      PooledRegion region = regions.get(id);
      if (region != null && region.layout.firstPage() + region.layout.pages() > page) {
        found.add(region);
      }
    }
    return found;
  }

  /** Bytes of all taken chunks, counted region by region without the lock. */
  long usedBytes() {
    long used = 0;
    for (int id = 1; id < regions.length(); id++) {
      PooledRegion region = regions.get(id);
      used += region == null ? 0 : region.takenBytes();
    }
    return used;
  }

  void forEachTaken(LongConsumer visitor) {
    for (int id = 1; id < regions.length(); id++) {
      PooledRegion region = regions.get(id);
      for (int slot = 0; region != null && slot < region.slots(); slot++) {
        int generation = region.generationIfTaken(slot);
        if (generation != SlotTable.NONE) {
          visitor.accept(ChunkRef.of(generation, id, slot));
        }
      }
    }
  }

  /**
   * Checks every region while no call is in progress; returns the number of their pages before the
   * end.
   */
  int checkInvariants(SizeClass[] sizeClasses, int endPage) {
    int owned = 0;
    for (int id = 1; id < regions.length(); id++) {
      PooledRegion region = regions.get(id);
      if (region != null) {
        PooledRegion.Layout layout = region.layout;
        if (layout.sizeIndex() >= 0 && !region.frozen) { // threads drop hints to a frozen region
          BitSet hinted =
              sizeClasses[layout.sizeIndex()].hintedSlots(region.itemOfSlotZero(), region.slots());
          region.checkInvariants(hinted);
        }
        owned += Math.clamp((long) endPage - layout.firstPage(), 0, layout.pages());
        Invariants.check(
            idAtPage[layout.firstPage()] == id,
            "RegionAllocator 2: region " + id + " is not found at its first page");
        long first = (long) layout.firstPage() * Limits.PAGE_BYTES;
        long last = first + (long) layout.pages() * Limits.PAGE_BYTES - 1;
        Invariants.check(
            first / Limits.FIXED_BUFFER_BYTES == last / Limits.FIXED_BUFFER_BYTES,
            "RegionAllocator 3: region " + id + " lies in two fixed buffers");
      }
    }
    return owned;
  }
}
