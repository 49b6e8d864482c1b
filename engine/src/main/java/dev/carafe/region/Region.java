package dev.carafe.region;

import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A slab: fixed-size chunks cut from one contiguous buffer, each handed out to one owner at a time.
 *
 * <p>After the {@code Region} of OCaml's uring library, with what its users came to miss: it is
 * thread-safe, and a second free or a free into the wrong region is found. As there, a region knows
 * no ring, never waits and never clears memory: a chunk's content is whatever was there before. The
 * buffer stays the caller's; a region has nothing to close. Two regions must not share memory; that
 * is not checked.
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
 * <p>Thread-safe and lock-free. A thread takes first what it gave back itself ({@link Magazines}),
 * so threads seldom write to the same line: a pair of calls then costs two compare-and-sets.
 * Invariants, with those of {@link SlotTable}:
 *
 * <ul>
 *   <li>1. A chunk has at most one owner.
 *   <li>2. A handle frees at most once: its generation ends with exactly one {@code free}.
 *   <li>3. While no thread is inside a call, {@code avail()} plus the chunks that are taken is
 *       {@code slots()}, and any thread can take any free chunk.
 * </ul>
 */
public sealed class Region extends SlotTable permits PooledRegion {
  /** What {@link #allocSlot()} returns when there is no free chunk. */
  public static final long NO_SLOT = -1;

  private final MemorySegment buffer;
  private final int blockSize;

  /** Of a region that stands alone; the size class of a pooled one has them. */
  private final @Nullable RegionMagazines magazines;

  private Region(int blockSize, MemorySegment buffer, int slots) {
    super(slots, 0);
    this.buffer = buffer;
    this.blockSize = blockSize;
    this.magazines = new RegionMagazines(this);
  }

  /** A region without magazines of its own: its chunks are found by its bits alone. */
  Region(int blockSize, MemorySegment buffer, int slots, int firstGeneration) {
    super(slots, firstGeneration);
    this.buffer = buffer;
    this.blockSize = blockSize;
    this.magazines = null;
  }

  /**
   * Cuts a buffer into chunks.
   *
   * @param blockSize how long each chunk is, in bytes; at least 1
   * @param buffer native, writable memory; what exceeds {@code blockSize × slots} is not used
   * @param slots how many chunks; 0 makes a region that is always full
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
   * @param blockSize how long each chunk is, in bytes; at least 1
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
   * Takes a chunk. Content unspecified.
   *
   * @return a chunk that nobody else has
   * @throws NoSpaceException if all are taken; nothing changed
   */
  public Chunk alloc() {
    Chunk chunk = tryAlloc();
    if (chunk == null) {
      throw new NoSpaceException(slots(), blockSize);
    }
    return chunk;
  }

  /**
   * Takes a chunk if there is one. Content unspecified.
   *
   * @return a chunk that nobody else has, or null if all are taken
   */
  public @Nullable Chunk tryAlloc() {
    long handle = allocSlot();
    return handle == NO_SLOT ? null : new Chunk(this, handle);
  }

  /**
   * Gives a chunk back. Its views must not be used any more: they see the next owner's bytes.
   *
   * @param chunk a chunk of this region
   * @throws IllegalArgumentException if it is another region's; nothing changed
   * @throws IllegalStateException if it was freed before; nothing changed
   */
  public void free(Chunk chunk) {
    if (chunk.region() != this) {
      throw new IllegalArgumentException(chunk + " belongs to another region");
    }
    freeSlot(chunk.handle());
  }

  /**
   * Takes a chunk without making an object. A slot that another thread frees during the call may be
   * missed.
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
   * Gives a chunk back by its handle.
   *
   * @param handle what {@link #allocSlot()} returned
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
   * Where a chunk begins.
   *
   * @param handle what {@link #allocSlot()} returned
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

  /** Whether the handle's owner still has it. */
  boolean isCurrent(long handle) {
    return isTaken(slotOf(handle), generationOf(handle));
  }

  /**
   * How many chunks are free. True at some moment if others go on meanwhile.
   *
   * @return 0 to {@link #slots()}
   */
  @Override
  public int avail() {
    return super.avail();
  }

  /**
   * How many chunks there are.
   *
   * @return the number given or computed at init
   */
  @Override
  public int slots() {
    return super.slots();
  }

  /**
   * How long each chunk is.
   *
   * @return bytes
   */
  public int blockSize() {
    return blockSize;
  }

  /**
   * The memory that the chunks are cut from.
   *
   * @return the buffer given at init
   */
  public MemorySegment buffer() {
    return buffer;
  }

  /** Checks, while no thread is inside a call, that every free chunk can be found. */
  void checkInvariants() {
    checkInvariants(magazines == null ? new BitSet() : magazines.hintedSlots(0, slots()));
  }

  @Override
  public String toString() {
    return "Region[" + slots() + " chunks of " + blockSize + " bytes, " + avail() + " free]";
  }
}
