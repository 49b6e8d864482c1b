package dev.carafe.region;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A region in a pool: where it lies, whom its chunks belong to, and whether it may be taken from.
 */
final class PoolRegion {
  private static final VarHandle OWNER = MethodHandles.arrayElementVarHandle(Object[].class);

  final Region region;
  final int id;
  final int firstPage;
  final int pages;

  /** Which shared size it serves; negative if it is one chunk of its own. */
  final int sizeIndex;

  private final @Nullable Object[] owners;

  /** Being vacated: nothing new is put here. */
  volatile boolean frozen;

  /** Whether its shelf offers it to those who look for a chunk; written under the shelf's lock. */
  volatile boolean offered;

  PoolRegion(Region region, int id, int firstPage, int pages, int sizeIndex) {
    this.region = region;
    this.id = id;
    this.firstPage = firstPage;
    this.pages = pages;
    this.sizeIndex = sizeIndex;
    this.owners = new @Nullable Object[region.slots()];
  }

  /** Takes a chunk, unless full or frozen. */
  long tryAlloc() {
    long handle = frozen ? Region.NO_SLOT : region.allocSlot();
    return handle == Region.NO_SLOT
        ? ChunkRef.NONE
        : ChunkRef.of((int) (handle >>> Integer.SIZE), id, (int) handle);
  }

  long handle(long ref) {
    int slot = ChunkRef.slot(ref);
    int generation = slot < region.slots() ? region.generation(slot) : -1;
    if (slot >= region.slots() || !ChunkRef.isOf(ref, generation)) {
      throw new IllegalStateException(ChunkRef.toString(ref) + " was freed before");
    }
    return (long) generation << Integer.SIZE | slot;
  }

  void setOwner(long ref, @Nullable Object owner) {
    OWNER.setRelease(owners, ChunkRef.slot(ref), owner);
  }

  @Nullable Object owner(long ref) {
    return OWNER.getAcquire(owners, ChunkRef.slot(ref));
  }

  int takenSlots() {
    return region.slots() - region.avail();
  }

  long takenBytes() {
    return (long) takenSlots() * region.blockSize();
  }
}
