package dev.carafe.tier;

import dev.carafe.log.HolePuncher;
import dev.carafe.log.Log;
import dev.carafe.log.ReclaimNeeds;
import dev.carafe.log.Resizer;

/**
 * Frees extents ahead of need, after many records were removed at once or have expired, and returns
 * their blocks to the file system.
 *
 * <p>After a CLEAR, each extent of that time is reclaimed while it has no live record, or while at
 * most half of the log is live. Extents that become clean this way, beyond those that the writer
 * opens next, are punched. In other cases extents are reclaimed only to make room. They are
 * rewritten soon, so they keep their blocks.
 *
 * <p>Also unmaps the tables of indexes that were cleared.
 *
 * <p>For the maintenance thread, except the requests.
 *
 * <p>Proved by {@code SpaceReleaseTest}.
 */
final class SpaceRelease {
  private static final long NONE = 0;

  private final Log log;
  private final ReclaimNeeds needs;
  private final HolePuncher puncher;
  private final Resizer resizer;
  private final DiscardedTables discarded;
  private volatile boolean expiredRequested;
  private volatile long deadRequestedTo;
  private boolean freedExpired;
  private boolean freedDead;

  SpaceRelease(Log log, ReclaimNeeds needs, Resizer resizer, DiscardedTables discarded) {
    this.resizer = resizer;
    this.discarded = discarded;
    this.log = log;
    this.needs = needs;
    this.puncher = new HolePuncher(log);
  }

  /** Requests that the oldest extents are reclaimed whose records have all expired. */
  void requestExpired() {
    expiredRequested = true;
  }

  /** Requests that the extents are reclaimed that are mostly dead now. */
  void requestDead() {
    log.history().lock();
    try {
      deadRequestedTo = log.table().newestSequence();
    } finally {
      log.history().unlock();
    }
  }

  /** Unmaps the tables of indexes that were cleared. */
  void freeTables() {
    discarded.free();
  }

  /** Returns the number of clean extents that maintenance keeps ready for the writer. */
  private int cleanExtentTarget() {
    return resizer.targetExtents() >= 12 ? 3 : 2;
  }

  /** Returns whether the oldest extent is to be reclaimed: to make room, or ahead of need. */
  boolean isReclaimWanted() {
    boolean needed = needs.isNeeded(cleanExtentTarget());
    return isReleaseWanted() || needed;
  }

  private boolean isReleaseWanted() {
    if (expiredRequested) {
      expiredRequested = needs.isOldestExpired();
      freedExpired |= expiredRequested;
    }
    long upTo = deadRequestedTo;
    boolean dead = upTo != NONE && needs.isOldestMostlyDead(upTo);
    if (upTo != NONE && !dead && isFinal(upTo)) {
      deadRequestedTo = NONE;
    }
    freedDead |= dead;
    return expiredRequested || dead;
  }

  /** Returns whether the extents up to one are written, so that they will not become releasable. */
  private boolean isFinal(long upTo) {
    log.history().lock();
    try {
      return log.writer().writtenSequence() >= Math.min(upTo, log.table().newestSequence() - 1);
    } finally {
      log.history().unlock();
    }
  }

  /**
   * Returns the blocks of one clean extent to the file system, after the last extent was reclaimed.
   * The extents that are kept ready keep their blocks. Returns whether there may be more.
   */
  boolean punchOne() {
    if (freedExpired || freedDead) {
      log.history().lock();
      try { // the newest TAIL record is synced with the extent that has it
        if (freedDead || log.table().live().total() == 0) { // else the log goes on soon
          log.writer().sealUnlessReserve();
        }
      } finally {
        log.history().unlock();
      }
      freedExpired = false;
      freedDead = false;
    }
    return puncher.punchOne(cleanExtentTarget());
  }
}
