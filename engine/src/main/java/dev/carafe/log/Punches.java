package dev.carafe.log;

/**
 * The clean extents whose blocks were returned to the file system. Clean extents are opened in the
 * order of their next sequences, so a sequence is enough to know those that were punched. Guarded
 * by the history lock.
 */
final class Punches {
  private static final long NONE = -1;

  private final Geometry geometry;
  private final ExtentSlots slots;
  private long punchedTo;
  private long current = NONE;

  Punches(Geometry geometry, ExtentSlots slots) {
    this.geometry = geometry;
    this.slots = slots;
  }

  /** Sets the first sequence whose slot may have blocks of an older extent. */
  void restore(long sequence) {
    punchedTo = sequence;
  }

  /**
   * The extent that must be synced before the slot of a sequence may be overwritten: its TAIL
   * record excludes the older extent in the slot.
   */
  long requiredSynced(long sequence) {
    return slots.requiredSyncedSequences[geometry.slotOf(sequence)];
  }

  /** Begins to punch the next of the clean extents. Returns its slot, negative if there is none. */
  int begin(long from, long end, long syncedSequence) {
    long sequence = Math.max(punchedTo, from);
    if (sequence >= end || requiredSynced(sequence) > syncedSequence) {
      return -1;
    }
    current = sequence;
    punchedTo = sequence + 1;
    return geometry.slotOf(sequence);
  }

  boolean isPunching(long sequence) {
    return current == sequence;
  }

  void end() {
    current = NONE;
  }
}
