package dev.carafe.region;

import dev.carafe.base.Limits;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
 * lock. {@link RegionAllocator} has a lock for the pages. No callback runs under it.
 */
public final class ChunkPool {
  private final MemorySegment memory;
  private final RegionTable regions;
  private final RegionAllocator allocator;
  private final Evacuation evacuation;

  /**
   * Divides an arena into free pages.
   *
   * @param memory native memory of at least one page, in whole pages; the caller owns it
   * @throws IllegalArgumentException if it is on the heap or not in whole pages
   */
  public ChunkPool(MemorySegment memory) {
    this(memory, memory.byteSize());
  }

  /**
   * Divides the first bytes of an arena into free pages. {@link #resize} changes their number.
   *
   * @param memory native memory of at least one page, in whole pages; the caller owns it
   * @param bytes the length to use, in whole pages
   * @throws IllegalArgumentException if the memory is on the heap, or the length is not in whole
   *     pages of it
   */
  public ChunkPool(MemorySegment memory, long bytes) {
    if (!memory.isNative()
        || memory.byteSize() == 0
        || memory.byteSize() % Limits.PAGE_BYTES != 0) {
      throw new IllegalArgumentException("memory must be native, in whole pages, but is " + memory);
    }
    this.memory = memory;
    int pages = requirePages(bytes);
    this.regions = new RegionTable(memory, pages);
    this.allocator = new RegionAllocator(regions, pages);
    this.evacuation = new Evacuation(allocator);
  }

  private int requirePages(long bytes) {
    if (bytes < Limits.PAGE_BYTES || bytes > memory.byteSize() || bytes % Limits.PAGE_BYTES != 0) {
      throw new IllegalArgumentException(
          "the capacity is "
              + bytes
              + " bytes but must be whole pages of "
              + Limits.PAGE_BYTES
              + " bytes, up to "
              + memory.byteSize());
    }
    return Math.toIntExact(bytes / Limits.PAGE_BYTES);
  }

  /**
   * Changes the capacity while other threads use the pool. A larger capacity is available at once.
   * With a smaller one, new chunks are before the new end, and chunks beyond it remain until they
   * are freed or {@linkplain #evacuateBeyondEnd evacuated}. Not called by two threads at once.
   *
   * @param bytes in whole pages, up to the length of {@link #memory()}; the caller has made the
   *     memory usable
   * @throws IllegalArgumentException if it is longer, or not in whole pages
   */
  public void resize(long bytes) {
    allocator.resize(requirePages(bytes));
  }

  /**
   * Relocates or drops the chunks beyond the end of the capacity. A chunk that is in use remains.
   *
   * @param evacuator relocates or drops the chunks
   * @return whether no chunk is beyond the end
   */
  public boolean evacuateBeyondEnd(Evacuator evacuator) {
    return evacuation.evacuateBeyondEnd(evacuator);
  }

  /**
   * Visits the memory beyond the end of the capacity that holds no chunk. Under the lock of the
   * pages, so it must not call the pool.
   *
   * @param endByte where to end
   * @param visitor receives each run
   */
  public void forEachGapBeyondEnd(long endByte, ByteRangeVisitor visitor) {
    allocator.forEachGap(
        Math.toIntExact(endByte / Limits.PAGE_BYTES),
        (page, count) ->
            visitor.visit((long) page * Limits.PAGE_BYTES, (long) count * Limits.PAGE_BYTES));
  }

  /** Receives a range of bytes of {@link #memory()}. */
  public interface ByteRangeVisitor {
    /**
     * Receives a range.
     *
     * @param fromByte offset of the first byte
     * @param bytes length
     */
    void visit(long fromByte, long bytes);
  }

  /**
   * Takes a chunk of at least the given length. Its content is unspecified.
   *
   * @param bytes 1 to {@link #maxChunkBytes()}
   * @return a chunk that has no other owner, or {@link ChunkRef#NONE} if there is no room
   */
  public long tryAlloc(int bytes) {
    return allocator.tryAlloc(bytes);
  }

  /**
   * Frees a chunk.
   *
   * @param ref returned by {@link #tryAlloc}
   * @throws IllegalStateException if it was freed before; nothing changed
   */
  public void free(long ref) {
    allocator.free(ref);
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
    return allocator.maxChunkBytes();
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
   * Reads eight bytes of a chunk that may be freed meanwhile, so that they may be of another chunk.
   *
   * @param ref a ref or a {@linkplain ChunkRef#tagged tagged ref}
   * @param fromByte offset in the chunk, a multiple of 8
   * @return the bytes; 0 if the chunk's region was removed
   */
  public long peek(long ref, int fromByte) {
    long first = regions.offsetOrNegative(ref);
    long offset = first + fromByte;
    return first < 0 || offset > memory.byteSize() - Long.BYTES
        ? 0
        : memory.get(ValueLayout.JAVA_LONG, offset);
  }

  /**
   * Returns the arena.
   *
   * @return the memory given to the constructor; beyond the capacity it may not be usable
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
   * Divides the capacity into parts that the kernel accepts as fixed buffers. No chunk lies in two
   * of them.
   *
   * @return at most 1 GiB each
   */
  public List<MemorySegment> buffers() {
    List<MemorySegment> parts = new ArrayList<>();
    long end = capacityBytes();
    for (long from = 0; from < end; from += Limits.FIXED_BUFFER_BYTES) {
      parts.add(memory.asSlice(from, Math.min(Limits.FIXED_BUFFER_BYTES, end - from)));
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

  /**
   * Returns the size of the part of the arena that may hold new chunks.
   *
   * @return bytes
   */
  public long capacityBytes() {
    return (long) allocator.pages() * Limits.PAGE_BYTES;
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
    return (long) allocator.freePages() * Limits.PAGE_BYTES;
  }

  RegionAllocator allocator() {
    return allocator;
  }

  /**
   * Visits every taken chunk. Called while no other call is in progress.
   *
   * @param visitor called with the ref of each
   */
  public void forEachTaken(LongConsumer visitor) {
    regions.forEachTaken(visitor);
  }

  /** Checks the pool's invariants. Called while no other call is in progress. */
  public void checkInvariants() {
    allocator.checkInvariants();
  }
}
