package dev.carafe.log;

import dev.carafe.DeviceException;
import dev.carafe.log.Reclaimer.IoHooks;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Moves the tail of the log past the oldest extent, after its live records were copied or dropped.
 * For the thread that reclaims.
 */
final class TailWriter {
  private final LogFile file;
  private final ExtentTable table;
  private final LogWriter writer;
  private final ReentrantLock history;
  private final EventCount changes;
  private final MemorySegment scratch;
  private final IoHooks hooks;

  TailWriter(Log log, MemorySegment scratch, IoHooks hooks) {
    this.file = log.file();
    this.table = log.table();
    this.writer = log.writer();
    this.history = log.history();
    this.changes = log.changes();
    this.scratch = scratch;
    this.hooks = hooks;
  }

  /**
   * Excludes the oldest extent from the log, by a TAIL record if there is room for it.
   *
   * @return false if the device failed or the tier is closing
   */
  boolean advanceTo(long firstSequence) {
    for (; ; ) {
      long seen = changes.version();
      history.lock();
      try {
        if (writer.tryAppendTail(firstSequence)) {
          table.endReclaim();
          return true;
        }
        if (hooks.isStopped()) {
          return false;
        }
        if (writer.isFull(RecordLayout.HEADER_BYTES)) {
          break;
        }
      } finally {
        history.unlock();
      }
      hooks.syncWritten();
      changes.await(seen);
    }
    return wipeOldest(firstSequence - 1);
  }

  /**
   * Excludes the extent from the log without room for a TAIL record: no extent is clean, and the
   * newest is full or was sealed early. The oldest extent is wiped instead. Before that, the copies
   * of its records are synced.
   */
  private boolean wipeOldest(long sequence) {
    if (!sealAndSync()) {
      return false;
    }
    try {
      if (!hooks.sync(() -> file.wipeOrThrow(sequence, scratch)).isDone()) {
        return false; // the maintenance thread repeats it
      }
      history.lock();
      try {
        table.endReclaim();
      } finally {
        history.unlock();
      }
      return true;
    } catch (DeviceException e) {
      return false;
    }
  }

  /** Seals the open extent, waits for its writes, and syncs; false if the device fails. */
  private boolean sealAndSync() {
    history.lock();
    try {
      writer.sealOpen();
    } finally {
      history.unlock();
    }
    writer.buffers().awaitWrites();
    return writer.buffers().failure() == null && hooks.sync(() -> {}).isDone();
  }
}
