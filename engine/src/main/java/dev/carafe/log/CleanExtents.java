package dev.carafe.log;

/**
 * The clean extents of an {@link ExtentTable}: when they may be opened, and which of them have
 * given their blocks back to the file system. Clean extents are opened in the order of their next
 * sequences, so a sequence identifies one. Guarded by the history lock.
 */
final class CleanExtents {
  private static final long NONE = -1;

  private final ExtentSlots slots;
  private final ResizeLimits limits = new ResizeLimits();
  private Geometry geometry;
  private long punchedTo;
  private long punching = NONE;

  CleanExtents(Geometry geometry, ExtentSlots slots) {
    this.geometry = geometry;
    this.slots = slots;
  }

  /** The limits while the capacity changes. */
  ResizeLimits limits() {
    return limits;
  }

  /** Adopts a geometry in which the clean extents, from a sequence on, have other slots. */
  void adopt(Geometry changed, long next) {
    geometry = changed;
    punchedTo = next;
  }

  /** Sets the first sequence whose slot may have blocks of an older extent. */
  void restore(long sequence) {
    punchedTo = sequence;
  }

  /** Whether the slot of a sequence may be overwritten. */
  boolean canOpen(long sequence, long syncedSequence) {
    return punching != sequence
        && limits.canOpen(sequence)
        && requiredSynced(sequence) <= syncedSequence;
  }

  /**
   * The extent that must be synced before the slot of a sequence may be overwritten: its TAIL
   * record excludes the older extent in the slot.
   */
  private long requiredSynced(long sequence) {
    return slots.requiredSyncedSequences[geometry.slotOf(sequence)];
  }

  /**
   * The oldest extent that the log may have after a power cut: the TAIL records that exclude all
   * older ones are synced.
   *
   * @param first an extent whose exclusion is synced, at most the oldest one
   * @param oldest the oldest extent of the log
   */
  long durableOldest(long first, long oldest, long syncedSequence) {
    long durable = oldest;
    while (durable > first && requiredSynced(durable - 1) > syncedSequence) {
      durable--;
    }
    return durable;
  }

  /**
   * Begins to punch the next of the clean extents. It can't be opened before {@link #endPunch}.
   *
   * @param from the first sequence to punch: those before it are opened soon
   * @param end the first sequence that has no clean slot
   * @param syncedSequence of the newest synced extent
   * @return its slot, negative if there is none
   */
  int beginPunch(long from, long end, long syncedSequence) {
    long sequence = Math.max(punchedTo, from);
    if (sequence >= end || requiredSynced(sequence) > syncedSequence) {
      return -1;
    }
    punching = sequence;
    punchedTo = sequence + 1;
    return geometry.slotOf(sequence);
  }

  void endPunch() {
    punching = NONE;
  }
}
