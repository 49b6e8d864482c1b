package dev.carafe.region;

import dev.carafe.base.Limits;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A region in a {@link ChunkPool}: a run of pages cut into chunks of one size class. Its size class
 * has the magazines for all regions of that size. A pooled region names a chunk by a {@link
 * ChunkRef}, records the owner of each chunk, and can be frozen.
 */
final class PooledRegion extends Region {
  private static final VarHandle OWNER = MethodHandles.arrayElementVarHandle(Object[].class);

  final int id;
  final Layout layout;
  final int sizeIndex;

  /** The bytes of the region's pages divided by the number of chunks, rounded up. */
  final int footprintBytes;

  private final @Nullable Object[] owners;

  /** True during an evacuation: no chunk is taken from a frozen region. */
  volatile boolean frozen;

  /**
   * Number of evacuations that failed because a chunk was not freed; guarded by the allocator's
   * lock.
   */
  int failedEvacuations;

  /**
   * Whether the region is in its size class's nonfull list; written under the size class's lock.
   */
  volatile boolean listed;

  /**
   * Links of the nonfull list, which is intrusive so that adding a region allocates nothing;
   * guarded as {@code listed}.
   */
  @Nullable PooledRegion nextListed;

  @Nullable PooledRegion previousListed;

  /**
   * The pages of a region and the size of its chunks.
   *
   * @param firstPage index of the first page in the arena
   * @param pages number of pages
   * @param sizeIndex index of the size class; negative if the region is a single chunk
   * @param chunkBytes bytes of each chunk
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
    this.footprintBytes =
        (int) Math.ceilDiv((long) layout.pages() * Limits.PAGE_BYTES, layout.slots());
    this.owners = new @Nullable Object[layout.slots()];
  }

  /**
   * Takes the chunk of a slot. Returns its ref, or NO_SLOT if it is taken or the region is frozen.
   */
  long tryTakeRef(int slot) {
    int generation = frozen || slot >= slots() ? NONE : tryTake(slot);
    return generation == NONE ? NO_SLOT : ChunkRef.of(generation, id, slot);
  }

  /**
   * Takes a chunk by the region's own hints. Returns its ref, or NO_SLOT if there is none or the
   * region is frozen.
   */
  long tryTakeAny() {
    long handle = frozen ? NO_SLOT : allocSlot();
    return handle == NO_SLOT ? NO_SLOT : ChunkRef.of(generationOf(handle), id, (int) handle);
  }

  /** Frees a chunk. The caller must add a hint afterwards. */
  void freeRef(long ref) {
    int slot = ChunkRef.slot(ref);
    int generation = slot < slots() ? generationIfTaken(slot) : NONE;
    if (generation == NONE || !ChunkRef.isOf(ref, generation)) {
      throw freedBefore(ref);
    }
    Object owner = owners[slot];
    if (owner != null) {
      OWNER.compareAndSet(owners, slot, owner, null); // a second free must not clear a later owner
    }
    if (!tryFree(slot, generation)) {
      throw freedBefore(ref);
    }
  }

  private static IllegalStateException freedBefore(long ref) {
    return new IllegalStateException(ChunkRef.toString(ref) + " was freed before");
  }

  /** The magazine item of the first slot; the items of the others follow it. */
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

  /** Bytes of all taken chunks; -1 if one of them has no owner. */
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
