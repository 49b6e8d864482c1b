package dev.carafe.log;

import dev.carafe.device.IoResult;
import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Reads whole extents, and finds their live records that do not verify.
 *
 * <p>For the maintenance thread. No other thread reclaims extents or changes the ring, so an extent
 * keeps its slot while it is checked.
 *
 * <p>Proved by {@code ScrubTest}.
 */
public final class ExtentScrubber {
  private final LogFile file;
  private final ExtentTable table;
  private final LogWriter writer;
  private final ReentrantLock history;
  private final RecordIndex index;
  private final MemorySegment extent;
  private final RecordIndex.Visitor damaged;

  /**
   * Prepares checks.
   *
   * @param log the log
   * @param index the index
   * @param extent memory for one extent, overwritten
   * @param damaged receives live records that do not verify; without the history lock
   */
  public ExtentScrubber(
      Log log, RecordIndex index, MemorySegment extent, RecordIndex.Visitor damaged) {
    this.file = log.file();
    this.table = log.table();
    this.writer = log.writer();
    this.history = log.history();
    this.index = index;
    this.extent = extent;
    this.damaged = damaged;
  }

  /**
   * The number of extents that can be checked: they are sealed and synced.
   *
   * @return at least 0
   */
  public long count() {
    history.lock();
    try {
      return Math.max(0, writer.syncedSequence() - table.oldest() + 1);
    } finally {
      history.unlock();
    }
  }

  /**
   * The oldest extent after another one that can be checked.
   *
   * @param sequence of the other one
   * @return its sequence, 0 if there is none
   */
  public long next(long sequence) {
    history.lock();
    try {
      long next = Math.max(sequence + 1, table.oldest());
      return next <= writer.syncedSequence() ? next : 0;
    } finally {
      history.unlock();
    }
  }

  /**
   * Checks an extent.
   *
   * @param sequence a result of {@link #next} in this round of maintenance
   * @return the result of its read
   */
  public IoResult check(long sequence) {
    int slot = file.geometry().slotOf(sequence);
    IoResult read = file.read(extent, file.geometry().extentOffset(slot));
    if (read.isDone()) {
      checkRecords(sequence, slot);
    } else if (read instanceof IoResult.Short) { // the file was truncated
      index.forEachIn(slot, damaged);
    }
    return read;
  }

  private void checkRecords(long sequence, int slot) {
    long salt = table.saltAt(slot);
    SealedExtent sealed = SealedExtent.in(extent, file, sequence, salt);
    MemorySegment directory = sealed == null ? null : sealed.directory();
    if (sealed == null || directory == null) {
      index.forEachIn(slot, (hash, address) -> checkRecord(hash, address, salt));
      return;
    }
    for (int i = 0; i < sealed.trailer().count(); i++) {
      long location = DirectoryLayout.locationAt(directory, i);
      KeyHash hash = DirectoryLayout.hashAt(directory, i);
      if (DirectoryLayout.kind(location) == RecordLayout.VALUE) {
        long current = index.find(hash);
        if (RecordAddress.isSameRecord(current, RecordAddress.ofListed(slot, location))) {
          checkRecord(hash, current, salt);
        }
      }
    }
  }

  private void checkRecord(KeyHash hash, long address, long salt) {
    long offset = RecordAddress.offset(address);
    RecordLayout.Header header = RecordLayout.read(extent, offset);
    long roomBytes = extent.byteSize() - offset;
    if (!RecordLayout.verifiesWithin(extent, offset, header, roomBytes, salt)) {
      damaged.visit(hash, address);
    }
  }
}
