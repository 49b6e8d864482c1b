package dev.carafe.region;

import dev.carafe.base.Invariants;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
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
 *   // fill it, write it, hand chunk.toOffset() to the kernel
 * } finally {
 *   region.free(chunk);
 * }
 * }</pre>
 *
 * <p>Thread-safe and lock-free. One bit says whether a chunk is free; threads begin at different
 * words, so that they seldom meet. Invariants:
 *
 * <ul>
 *   <li>1. A chunk has at most one owner: its bit is cleared by exactly one {@code alloc}.
 *   <li>2. A handle frees at most once: its generation is moved on by exactly one {@code free}.
 *   <li>3. {@code avail() + chunks in hands = slots()} when nobody is inside a call.
 * </ul>
 */
public final class Region {
  /** What {@link #allocSlot()} returns when there is no free chunk. */
  public static final long NO_SLOT = -1;

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle GENERATION = MethodHandles.arrayElementVarHandle(int[].class);
  private static final int STRIPES = 16;

  private final MemorySegment buffer;
  private final int blockSize;
  private final int slots;

  /** A bit per chunk, set while it is free; bits past the last chunk are never set. */
  private final long[] freeBits;

  /** Moved on by each free; a handle of an earlier generation is stale. */
  private final int[] generations;

  /** Where a thread found its last chunk; racy, only a hint. */
  private final int[] hints = new int[STRIPES];

  Region(int blockSize, MemorySegment buffer, int slots, int firstGeneration) {
    this.buffer = buffer;
    this.blockSize = blockSize;
    this.slots = slots;
    this.freeBits = new long[(slots + Long.SIZE - 1) / Long.SIZE];
    this.generations = new int[slots];
    Arrays.fill(generations, firstGeneration);
    for (int word = 0; word < freeBits.length; word++) {
      int bits = Math.min(Long.SIZE, slots - word * Long.SIZE);
      freeBits[word] = bits == Long.SIZE ? -1L : (1L << bits) - 1;
    }
    for (int stripe = 0; stripe < STRIPES; stripe++) {
      hints[stripe] = (int) ((long) freeBits.length * stripe / STRIPES);
    }
    VarHandle.releaseFence();
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
    return new Region(blockSize, buffer, slots, 0);
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
      throw new NoSpaceException(slots, blockSize);
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
    int stripe = (int) Thread.currentThread().threadId() & (STRIPES - 1);
    int words = freeBits.length;
    int word = hints[stripe];
    for (int looked = 0; looked < words; looked++) {
      long seen = (long) WORD.getOpaque(freeBits, word);
      while (seen != 0) {
        long bit = Long.lowestOneBit(seen);
        long before = (long) WORD.getAndBitwiseAnd(freeBits, word, ~bit);
        if ((before & bit) != 0) {
          hints[stripe] = word;
          int slot = word * Long.SIZE + Long.numberOfTrailingZeros(bit);
          return (long) generations[slot] << Integer.SIZE | slot;
        }
        seen = before;
      }
      word = word + 1 == words ? 0 : word + 1;
    }
    return NO_SLOT;
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
    int generation = (int) (handle >>> Integer.SIZE);
    if (isFree(slot) || !GENERATION.compareAndSet(generations, slot, generation, generation + 1)) {
      throw new IllegalStateException(
          "chunk " + slot + " of generation " + generation + " was freed before");
    }
    WORD.getAndBitwiseOr(freeBits, slot / Long.SIZE, 1L << slot);
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
    if (slot < 0 || slot >= slots) {
      throw new IllegalArgumentException("slot " + slot + " is not one of " + slots);
    }
    return slot;
  }

  /** Whether the handle's owner still has it. */
  boolean isCurrent(long handle) {
    int slot = slotOf(handle);
    return !isFree(slot)
        && (int) GENERATION.getOpaque(generations, slot) == (int) (handle >>> Integer.SIZE);
  }

  boolean isFree(int slot) {
    long word = (long) WORD.getAcquire(freeBits, slot / Long.SIZE);
    return (word & (1L << slot)) != 0;
  }

  int generation(int slot) {
    return (int) GENERATION.getOpaque(generations, slot);
  }

  /** A generation that no handle of this region has had. */
  int nextGeneration() {
    int highest = 0;
    for (int generation : generations) {
      highest = Math.max(highest, generation);
    }
    return highest + 1;
  }

  /**
   * Takes all chunks at once, if all are free: then nobody else can have or get any.
   *
   * @return false if any was taken; nothing changed
   */
  boolean claimAll() {
    int claimed = 0;
    long[] mine = new long[freeBits.length];
    for (int word = 0; word < freeBits.length; word++) {
      mine[word] = (long) WORD.getAndSet(freeBits, word, 0L);
      claimed += Long.bitCount(mine[word]);
    }
    if (claimed == slots) {
      return true;
    }
    for (int word = 0; word < freeBits.length; word++) {
      WORD.getAndBitwiseOr(freeBits, word, mine[word]);
    }
    return false;
  }

  /**
   * How many chunks are free. True at some moment if others go on meanwhile.
   *
   * @return 0 to {@link #slots()}
   */
  public int avail() {
    int free = 0;
    for (int word = 0; word < freeBits.length; word++) {
      free += Long.bitCount((long) WORD.getOpaque(freeBits, word));
    }
    return free;
  }

  /**
   * How many chunks there are.
   *
   * @return the number given or computed at init
   */
  public int slots() {
    return slots;
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

  /** Checks that no bit stands for a chunk that does not exist. */
  void checkInvariants() {
    int tail = slots % Long.SIZE;
    if (tail != 0) {
      long beyond = (long) WORD.getOpaque(freeBits, freeBits.length - 1) >>> tail;
      Invariants.check(beyond == 0, "Region 1: a bit past chunk " + slots + " is set");
    }
    Invariants.check(avail() <= slots, "Region 3: more chunks are free than there are");
  }

  @Override
  public String toString() {
    return "Region[" + slots + " chunks of " + blockSize + " bytes, " + avail() + " free]";
  }
}
