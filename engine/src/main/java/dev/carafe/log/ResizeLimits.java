package dev.carafe.log;

/**
 * The limits on the extents of the log while its capacity changes. Guarded by the history lock.
 *
 * <p>Before a ring gets fewer slots, the log must have fewer extents. The limit decreases with each
 * extent that is reclaimed, so that appends never wait longer than at a full file.
 */
final class ResizeLimits {
  private static final int KEPT_CLEAN = 3;
  private static final long NONE = Long.MAX_VALUE;

  private int limit = Integer.MAX_VALUE;
  private int target = Integer.MAX_VALUE;
  private long barrier = Long.MAX_VALUE;
  private boolean decreaseNext;
  private long copiedBefore = NONE;
  private boolean discarding;

  /** The number of extents that the log may have. */
  int maxExtents(int slots) {
    return Math.min(slots, limit);
  }

  /** The number of extents that the log will have. */
  int targetExtents(int slots) {
    return Math.min(slots, target);
  }

  /** Begins to limit the log to fewer slots than its ring has at present. */
  void shrinkTo(int slots, int extentCount, long liveExtents) {
    target = slots;
    limit = Math.max(slots, (int) Math.min(extentCount, liveExtents + KEPT_CLEAN));
  }

  boolean isAtTarget() {
    return limit == target;
  }

  /**
   * Decreases the limit after an extent was reclaimed: each time if appends have clean extents,
   * else every other time, so that appends get half of what is reclaimed.
   */
  void onReclaimed(long present) {
    long clean = limit - present;
    if (limit == Integer.MAX_VALUE || limit <= target || clean < 2) {
      return;
    }
    if (clean >= KEPT_CLEAN || decreaseNext) {
      limit--;
    }
    decreaseNext = !decreaseNext;
  }

  /** Lets no extent from a sequence on be opened, while its slot is being decided. */
  void setBarrier(long sequence) {
    barrier = sequence;
  }

  boolean canOpen(long sequence) {
    return sequence < barrier;
  }

  /**
   * Requests that the oldest extents are reclaimed until the others are in the order of a plain
   * ring. Live records are copied for a lap of the ring. After that they are discarded.
   *
   * @param next the sequence of the next extent
   * @param slots the number of slots of the ring
   */
  void straighten(long next, int slots) {
    if (copiedBefore == NONE) {
      copiedBefore = next + slots;
    }
    discarding = next >= copiedBefore;
  }

  boolean isStraightening() {
    return copiedBefore != NONE;
  }

  boolean isDiscarding() {
    return discarding;
  }

  /** Removes all limits. */
  void clear() {
    limit = Integer.MAX_VALUE;
    target = Integer.MAX_VALUE;
    barrier = Long.MAX_VALUE;
    decreaseNext = false;
    copiedBefore = NONE;
    discarding = false;
  }
}
