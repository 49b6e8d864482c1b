package dev.carafe.log;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Returns the blocks of clean extents to the file system, so that a file occupies no space for
 * records that it no longer holds.
 *
 * <p>The log overwrites clean extents in a fixed order. Those that it opens next keep their blocks,
 * since a write to a hole allocates blocks again. While reclamation only makes room for appends,
 * there are no others, and nothing is punched.
 *
 * <p>An extent is punched only when it may also be overwritten: the TAIL record that excludes it
 * from the log is synced. Recovery finds zeros in its place, as in an extent that was never
 * written, or the older extent that the TAIL excludes if a power cut undid the punch. If the file
 * system refuses, the extents keep their blocks.
 *
 * <p>For one thread at a time. Proved by {@code SpaceReleaseTest} and {@code SimCrashTest}.
 */
public final class HolePuncher {
  private final LogFile file;
  private final ExtentTable table;
  private final LogWriter writer;
  private final ReentrantLock history;
  private final EventCount changes;

  /**
   * Prepares punches.
   *
   * @param log the log
   */
  public HolePuncher(Log log) {
    this.file = log.file();
    this.table = log.table();
    this.writer = log.writer();
    this.history = log.history();
    this.changes = log.changes();
  }

  /**
   * Punches one extent. The history lock is free meanwhile.
   *
   * @param keptReady the number of clean extents that keep their blocks
   * @return false if no extent can be punched at present
   */
  public boolean punchOne(int keptReady) {
    int slot;
    history.lock();
    try {
      long end = table.oldest() + file.geometry().extentCount();
      slot = table.clean().beginPunch(table.next() + keptReady, end, writer.syncedSequence());
    } finally {
      history.unlock();
    }
    if (slot < 0) {
      return false;
    }
    try {
      long offset = file.geometry().extentOffset(slot);
      var _ = file.device().punchHole(offset, file.geometry().extentBytes());
    } finally {
      history.lock();
      try {
        table.clean().endPunch();
      } finally {
        history.unlock();
      }
      changes.signal(); // a thread may wait to open the extent
    }
    return true;
  }
}
