package dev.carafe.region;

import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A slab: chunks of one size, cut from one contiguous buffer. A chunk has at most one owner at a
 * time.
 *
 * <p>Modelled on the {@code Region} of OCaml's uring library. In addition it is thread-safe, and
 * detects a second free and a free into the wrong region. A region does not depend on a ring, never
 * waits and never clears memory: a new chunk has the bytes of its previous owner. The caller owns
 * the buffer, so a region needs no close. Two regions must not share memory; this is not checked.
 *
 * <pre>{@code
 * Region region = Region.init(4096, buffer, 64);
 * Chunk chunk = region.alloc();
 * try {
 *   MemorySegment bytes = chunk.toSegment(100);
 *   // fill it, write it, pass chunk.toOffset() to the kernel
 * } finally {
 *   region.free(chunk);
 * }
 * }</pre>
 *
 * <p>Thread-safe and lock-free. A thread first takes the chunks that it freed itself ({@link
 * Magazines}), so threads seldom write to the same cache line: an alloc and a free then cost one
 * compare-and-set each. Invariants, with those of {@link SlotTable}:
 *
 * <ul>
 *   <li>1. A chunk has at most one owner.
 *   <li>2. A handle frees at most once: its generation ends with exactly one {@code free}.
 *   <li>3. While no call is in progress, {@code avail()} plus the number of taken chunks is {@code
 *       slots()}, and any thread can take any free chunk.
 * </ul>
 */
public sealed class Region extends SlotTable permits PooledRegion {
  /** Returned by {@link #allocSlot()} if no chunk is free. */
  public static final long NO_SLOT = -1;

  private final MemorySegment buffer;
  private final int blockSize;

  /** Null in a pooled region, whose size class has the magazines. */
  private final @Nullable RegionMagazines magazines;

  private Region(int blockSize, MemorySegment buffer, int slots) {
    super(slots, 0);
    this.buffer = buffer;
    this.blockSize = blockSize;
    this.magazines = new RegionMagazines(this);
  }

  /** A region without magazines: {@link #allocSlot()} uses only the region's own hints. */
  Region(int blockSize, MemorySegment buffer, int slots, int firstGeneration) {
    super(slots, firstGeneration);
    this.buffer = buffer;
    this.blockSize = blockSize;
    this.magazines = null;
  }

  /**
   * Cuts a buffer into chunks.
   *
   * @param blockSize bytes of each chunk; at least 1
   * @param buffer native, writable memory; bytes beyond {@code blockSize × slots} are not used
   * @param slots number of chunks; a region with 0 is always full
   * @return a region whose chunks are all free
   * @throws IllegalArgumentException if the chunks do not fit the buffer, or it is on the heap or
   *     read-only
   */
  public static Region init(int blockSize, MemorySegment buffer, int slots) {
    Objects.requireNonNull(buffer, "buffer");
    if (blockSize <= 0) {
      throw new IllegalArgumentException("blockSize is " + blockSize + " but must be positive");
    }
    if (slots < 0) {
      throw new IllegalArgumentException("slots is " + slots + " but must be 0 or more");
    }
    if (!buffer.isNative() || buffer.isReadOnly()) {
      throw new IllegalArgumentException("buffer must be native and writable, but is " + buffer);
    }
    if ((long) blockSize * slots > buffer.byteSize()) {
      throw new IllegalArgumentException(
          slots
              + " slots of blockSize "
              + blockSize
              + " take "
              + (long) blockSize * slots
              + " bytes but buffer has "
              + buffer.byteSize());
    }
    return new Region(blockSize, buffer, slots);
  }

  /**
   * Cuts a buffer into as many chunks as fit.
   *
   * @param blockSize bytes of each chunk; at least 1
   * @param buffer native, writable memory
   * @return a region whose chunks are all free
   * @throws IllegalArgumentException if blockSize is not positive, or the buffer is on the heap or
   *     read-only
   */
  public static Region init(int blockSize, MemorySegment buffer) {
    Objects.requireNonNull(buffer, "buffer");
    long fit = blockSize <= 0 ? 0 : buffer.byteSize() / blockSize;
    return init(blockSize, buffer, (int) Math.min(Integer.MAX_VALUE - 8, fit));
  }

  /**
   * Takes a chunk. Its content is unspecified.
   *
   * @return a chunk that has no other owner
   * @throws NoSpaceException if all chunks are taken; nothing changed
   */
  public Chunk alloc() {
    Chunk chunk = tryAlloc();
    if (chunk == null) {
      throw new NoSpaceException(slots(), blockSize);
    }
    return chunk;
  }

  /**
   * Takes a chunk if one is free. Its content is unspecified.
   *
   * @return a chunk that has no other owner, or null if all chunks are taken
   */
  public @Nullable Chunk tryAlloc() {
    long handle = allocSlot();
    return handle == NO_SLOT ? null : new Chunk(this, handle);
  }

  /**
   * Frees a chunk. Its views must not be used afterwards: they show the next owner's bytes.
   *
   * @param chunk a chunk of this region
   * @throws IllegalArgumentException if the chunk belongs to another region; nothing changed
   * @throws IllegalStateException if it was freed before; nothing changed
   */
  public void free(Chunk chunk) {
    if (chunk.region() != this) {
      throw new IllegalArgumentException(chunk + " belongs to another region");
    }
    freeSlot(chunk.handle());
  }

  /**
   * Takes a chunk without allocating an object. The call may miss a slot that another thread frees
   * meanwhile.
   *
   * @return a handle, {@code generation << 32 | slot}, or {@link #NO_SLOT}
   */
  public long allocSlot() {
    if (magazines != null) {
      return magazines.tryAllocAnywhere();
    }
    int slot = takeHinted();
    return slot == NONE ? NO_SLOT : handle(generation(slot), slot);
  }

  static long handle(int generation, int slot) {
    return (long) generation << Integer.SIZE | slot;
  }

  static int generationOf(long handle) {
    return (int) (handle >>> Integer.SIZE);
  }

  /**
   * Frees a chunk by its handle.
   *
   * @param handle returned by {@link #allocSlot()}
   * @throws IllegalArgumentException if this region has no such slot
   * @throws IllegalStateException if it was freed before; nothing changed
   */
  public void freeSlot(long handle) {
    int slot = slotOf(handle);
    int generation = generationOf(handle);
    if (!tryFree(slot, generation)) {
      throw new IllegalStateException(
          "chunk " + slot + " of generation " + generation + " was freed before");
    }
    if (magazines != null) {
      magazines.put(slot);
    } else {
      addHint(slot);
    }
  }

  /**
   * Returns the offset of a chunk.
   *
   * @param handle returned by {@link #allocSlot()}
   * @return bytes from the start of the buffer
   * @throws IllegalArgumentException if this region has no such slot
   */
  public long offsetOf(long handle) {
    return (long) slotOf(handle) * blockSize;
  }

  private int slotOf(long handle) {
    int slot = (int) handle;
    if (slot < 0 || slot >= slots()) {
      throw new IllegalArgumentException("slot " + slot + " is not one of " + slots());
    }
    return slot;
  }

  /** Whether the handle's chunk has not been freed. */
  boolean isCurrent(long handle) {
    return isTaken(slotOf(handle), generationOf(handle));
  }

  /**
   * Returns the number of free chunks. The number may be out of date if other threads take or free
   * chunks meanwhile.
   *
   * @return 0 to {@link #slots()}
   */
  @Override
  public int avail() {
    return super.avail();
  }

  /**
   * Returns the number of chunks.
   *
   * @return the number given or computed at init
   */
  @Override
  public int slots() {
    return super.slots();
  }

  /**
   * Returns the length of each chunk.
   *
   * @return bytes
   */
  public int blockSize() {
    return blockSize;
  }

  /**
   * Returns the memory that the chunks are cut from.
   *
   * @return the buffer given at init
   */
  public MemorySegment buffer() {
    return buffer;
  }

  /** Checks, while no call is in progress, that every free chunk has a hint. */
  void checkInvariants() {
    checkInvariants(magazines == null ? new BitSet() : magazines.hintedSlots(0, slots()));
  }

  @Override
  public String toString() {
    return "Region[" + slots() + " chunks of " + blockSize + " bytes, " + avail() + " free]";
  }
}
