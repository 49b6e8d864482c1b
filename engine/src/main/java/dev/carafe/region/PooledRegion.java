package dev.carafe.region;

import dev.carafe.base.Limits;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A region in a {@link ChunkPool}: a run of pages cut into chunks of one size class. It has no
 * magazines of its own, since its size class has those of all its regions, and names a chunk by a
 * {@link ChunkRef}. To a region it adds who holds each chunk, and whether chunks may be taken.
 */
final class PooledRegion extends Region {
  private static final VarHandle OWNER = MethodHandles.arrayElementVarHandle(Object[].class);

  final int id;
  final Layout layout;
  final int sizeIndex;
  private final @Nullable Object[] owners;

  /** Being vacated: no chunk is taken from it. */
  volatile boolean frozen;

  /** How often it was to be vacated and some chunk stayed; guarded by the pool's lock. */
  int failedEvacuations;

  /** Whether it is in its size class's list; written under the size class's lock. */
  volatile boolean listed;

  /** Its neighbours in that list, so that adding it takes no memory; guarded as {@code listed}. */
  @Nullable PooledRegion nextListed;

  @Nullable PooledRegion previousListed;

  /**
   * Where a region lies and how it is cut.
   *
   * @param firstPage of the arena
   * @param pages how many
   * @param sizeIndex its size class; negative if the region is a single chunk
   * @param chunkBytes how long each chunk is
   */
  record Layout(int firstPage, int pages, int sizeIndex, int chunkBytes) {
    int slots() {
      return sizeIndex < 0 ? 1 : (int) ((long) pages * Limits.PAGE_BYTES / chunkBytes);
    }
  }

  PooledRegion(int id, Layout layout, MemorySegment buffer, int firstGeneration) {
    super(layout.chunkBytes(), buffer, layout.slots(), firstGeneration);
    this.id = id;
    this.layout = layout;
    this.sizeIndex = layout.sizeIndex();
    this.owners = new @Nullable Object[layout.slots()];
  }

  /** Takes the chunk of a slot, unless it is taken or the region frozen; its ref, or NO_SLOT. */
  long tryTakeRef(int slot) {
    int generation = frozen || slot >= slots() ? NONE : tryTake(slot);
    return generation == NONE ? NO_SLOT : ChunkRef.of(generation, id, slot);
  }

  /** Takes a chunk that the region's own bits tell, unless it is frozen; its ref, or NO_SLOT. */
  long tryTakeAny() {
    long handle = frozen ? NO_SLOT : allocSlot();
    return handle == NO_SLOT ? NO_SLOT : ChunkRef.of(generationOf(handle), id, (int) handle);
  }

  /** Ends a chunk's generation, once; the caller leaves a hint. */
  void freeRef(long ref) {
    int slot = ChunkRef.slot(ref);
    int generation = slot < slots() ? generationIfTaken(slot) : NONE;
    if (generation == NONE || !ChunkRef.isOf(ref, generation)) {
      throw freedBefore(ref);
    }
    Object owner = owners[slot];
    if (owner != null) {
      OWNER.compareAndSet(owners, slot, owner, null); // not a later owner, if this is a second free
    }
    if (!tryFree(slot, generation)) {
      throw freedBefore(ref);
    }
  }

  private static IllegalStateException freedBefore(long ref) {
    return new IllegalStateException(ChunkRef.toString(ref) + " was freed before");
  }

  /** The item that names the first slot in a magazine. */
  long itemOfSlotZero() {
    return ChunkRef.of(0, id, 0);
  }

  void setOwner(long ref, @Nullable Object owner) {
    OWNER.setRelease(owners, ChunkRef.slot(ref), owner);
  }

  @Nullable Object owner(long ref) {
    return OWNER.getAcquire(owners, ChunkRef.slot(ref));
  }

  long takenBytes() {
    return (long) (slots() - avail()) * blockSize();
  }

  /** Bytes of the chunks that are taken; negative if one of them has no owner. */
  long ownedBytes() {
    int owned = 0;
    for (int slot = 0; slot < owners.length; slot++) {
      if (!isFree(slot)) {
        if (OWNER.getAcquire(owners, slot) == null) {
          return -1;
        }
        owned++;
      }
    }
    return (long) owned * blockSize();
  }
}
