package dev.carafe.region;

import dev.carafe.base.Invariants;
import dev.carafe.base.Limits;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Which region an id and a page belong to. An id is used again for a later region, whose chunks
 * then have later generations, so that no old {@link ChunkRef} fits them.
 *
 * <p>Changed under the pool's lock; {@link #of} needs none.
 */
final class RegionTable {
  private final MemorySegment memory;
  private final AtomicReferenceArray<@Nullable PoolRegion> regions;
  private final int[] idAtPage; // 0 for a free page
  private final int[] generations; // the first of an id's next region
  private final ArrayList<Integer> freeIds = new ArrayList<>();
  private int freshId = 1;

  RegionTable(MemorySegment memory) {
    int pages = (int) (memory.byteSize() / Limits.PAGE_BYTES);
    int ids = Math.min(pages, ChunkRef.MAX_REGIONS) + 1;
    this.memory = memory;
    this.regions = new AtomicReferenceArray<>(ids);
    this.generations = new int[ids];
    this.idAtPage = new int[pages];
  }

  /** The region of a chunk; volatile. */
  PoolRegion of(long ref) {
    int id = ChunkRef.region(ref);
    PoolRegion region = id > 0 && id < regions.length() ? regions.get(id) : null;
    if (region == null) {
      throw new IllegalStateException(ChunkRef.toString(ref) + " was freed before");
    }
    return region;
  }

  /** Makes a region of a run of pages. */
  PoolRegion add(int first, int pages, int size, int chunkBytes) {
    int id = freeIds.isEmpty() ? freshId++ : freeIds.removeLast();
    MemorySegment buffer =
        memory.asSlice((long) first * Limits.PAGE_BYTES, (long) pages * Limits.PAGE_BYTES);
    int slots = size < 0 ? 1 : (int) (buffer.byteSize() / chunkBytes);
    Region region = new Region(chunkBytes, buffer, slots, generations[id]);
    PoolRegion fresh = new PoolRegion(region, id, first, pages, size);
    Arrays.fill(idAtPage, first, first + pages, id);
    regions.set(id, fresh);
    return fresh;
  }

  void remove(PoolRegion region) {
    regions.set(region.id, null);
    generations[region.id] = region.region.nextGeneration();
    freeIds.add(region.id);
    Arrays.fill(idAtPage, region.firstPage, region.firstPage + region.pages, 0);
  }

  @Nullable PoolRegion atPage(int page) {
    return idAtPage[page] == 0 ? null : regions.get(idAtPage[page]);
  }

  /** Bytes of all chunks that are handed out; counted region by region, without the lock. */
  long usedBytes() {
    long used = 0;
    for (int id = 1; id < regions.length(); id++) {
      PoolRegion region = regions.get(id);
      used += region == null ? 0 : region.takenBytes();
    }
    return used;
  }

  /** Checks every region; returns how many pages they have. */
  int checkInvariants() {
    int owned = 0;
    for (int id = 1; id < regions.length(); id++) {
      PoolRegion region = regions.get(id);
      if (region != null) {
        region.region.checkInvariants();
        owned += region.pages;
        Invariants.check(
            idAtPage[region.firstPage] == id, "ChunkPool 2: region " + id + " is lost");
        long first = (long) region.firstPage * Limits.PAGE_BYTES;
        long last = first + (long) region.pages * Limits.PAGE_BYTES - 1;
        Invariants.check(
            first / Limits.FIXED_BUFFER_BYTES == last / Limits.FIXED_BUFFER_BYTES,
            "ChunkPool 3: region " + id + " crosses a border");
      }
    }
    return owned;
  }
}
