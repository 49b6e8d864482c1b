package dev.carafe.region;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A region in a pool: where it lies, whom its chunks belong to, and whether it may be taken from.
 */
final class PooledRegion {
  private static final VarHandle OWNER = MethodHandles.arrayElementVarHandle(Object[].class);

  final SlotTable slots;
  final int id;
  final Place place;
  final int sizeIndex;
  private final @Nullable Object[] owners;

  /** Being vacated: nothing new is put here. */
  volatile boolean frozen;

  /** How often it was to be vacated and something stayed; guarded by the pool's lock. */
  int failedVacating;

  /**
   * Whether its size class offers it to those who look for a chunk; written under the size class's
   * lock.
   */
  volatile boolean offered;

  /** Its neighbours among those on offer, so that an offer needs no memory; as {@code offered}. */
  @Nullable PooledRegion nextOffer;

  @Nullable PooledRegion previousOffer;

  /**
   * Where a region lies and how it is cut.
   *
   * @param firstPage of the arena
   * @param pages how many
   * @param sizeIndex which shared size it serves; negative if it is one chunk of its own
   * @param chunkBytes how long each chunk is
   */
  record Place(int firstPage, int pages, int sizeIndex, int chunkBytes) {}

  PooledRegion(SlotTable slots, int id, Place place) {
    this.slots = slots;
    this.id = id;
    this.place = place;
    this.sizeIndex = place.sizeIndex();
    this.owners = new @Nullable Object[slots.slots()];
  }

  /** Takes a slot that a hint tells, unless it is taken or the region frozen. */
  long tryTake(int slot) {
    int generation = frozen || slot >= slots.slots() ? SlotTable.NONE : slots.tryTake(slot);
    return generation == SlotTable.NONE ? ChunkRef.NONE : ChunkRef.of(generation, id, slot);
  }

  /** Takes a chunk that is on offer here, unless frozen. */
  long tryAlloc() {
    int slot = frozen ? SlotTable.NONE : slots.takeOffered();
    return slot == SlotTable.NONE ? ChunkRef.NONE : ChunkRef.of(slots.generation(slot), id, slot);
  }

  /** Ends a chunk's generation, once; the caller leaves a hint. */
  void giveBack(long ref) {
    int slot = ChunkRef.slot(ref);
    int generation = slot < slots.slots() ? slots.generationIfTaken(slot) : SlotTable.NONE;
    if (generation == SlotTable.NONE || !ChunkRef.isOf(ref, generation)) {
      throw freedBefore(ref);
    }
    Object owner = owners[slot];
    if (owner != null) {
      OWNER.compareAndSet(owners, slot, owner, null); // not a later owner, if this is a second free
    }
    if (!slots.giveBack(slot, generation)) {
      throw freedBefore(ref);
    }
  }

  private static IllegalStateException freedBefore(long ref) {
    return new IllegalStateException(ChunkRef.toString(ref) + " was freed before");
  }

  void setOwner(long ref, @Nullable Object owner) {
    OWNER.setRelease(owners, ChunkRef.slot(ref), owner);
  }

  @Nullable Object owner(long ref) {
    return OWNER.getAcquire(owners, ChunkRef.slot(ref));
  }

  long takenBytes() {
    return (long) (slots.slots() - slots.avail()) * place.chunkBytes;
  }

  /** Bytes of the chunks that are handed out; negative if one of them has no owner. */
  long ownedBytes() {
    int owned = 0;
    for (int slot = 0; slot < owners.length; slot++) {
      if (!slots.isFree(slot)) {
        if (OWNER.getAcquire(owners, slot) == null) {
          return -1;
        }
        owned++;
      }
    }
    return (long) owned * place.chunkBytes;
  }
}
