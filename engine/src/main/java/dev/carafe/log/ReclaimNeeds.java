package dev.carafe.log;

import java.util.concurrent.locks.ReentrantLock;

/** Whether the oldest extent is to be reclaimed, and why. Thread-safe. */
public final class ReclaimNeeds {
  private final LogFile file;
  private final ExtentTable table;
  private final LogWriter writer;
  private final RecordIndex index;
  private final ReentrantLock history;
  private final ReclaimListener listener;

  /**
   * Creates the decisions for a log.
   *
   * @param log the log
   * @param index the index
   * @param listener knows the time
   */
  public ReclaimNeeds(Log log, RecordIndex index, ReclaimListener listener) {
    this.file = log.file();
    this.table = log.table();
    this.writer = log.writer();
    this.index = index;
    this.history = log.history();
    this.listener = listener;
  }

  /**
   * Whether extents must be reclaimed.
   *
   * @param cleanExtents how many extents are to be clean
   * @return true if fewer are, or if the index is nearly full
   */
  public boolean isNeeded(int cleanExtents) {
    history.lock();
    try {
      return table.cleanCount() < cleanExtents || index.isNearlyFull();
    } finally {
      history.unlock();
    }
  }

  /**
   * Whether all records of the oldest extent have expired, so that none has to be copied.
   *
   * @return true if it can be reclaimed without copying
   */
  public boolean isOldestExpired() {
    history.lock();
    try {
      return table.oldest() <= writer.writtenSequence()
          && listener.isExpired(table.latestExpiryNanos(table.oldest()));
    } finally {
      history.unlock();
    }
  }

  /**
   * Whether the oldest extent is worth reclaiming after many records were removed at once: it has
   * no live record, or at most half of the log is live, so that copying frees more than it writes.
   *
   * @param upTo the newest extent to reclaim
   * @return false if the oldest extent is newer, or not written yet
   */
  public boolean isOldestMostlyDead(long upTo) {
    history.lock();
    try {
      long oldest = table.oldest();
      long used = (table.next() - oldest) * file.geometry().payloadBytes();
      return oldest <= Math.min(upTo, writer.writtenSequence())
          && (table.live().of(oldest) == 0 || table.live().total() <= used / 2);
    } finally {
      history.unlock();
    }
  }
}
