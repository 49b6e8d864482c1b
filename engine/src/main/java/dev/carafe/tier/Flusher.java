package dev.carafe.tier;

import dev.carafe.DeviceException;
import dev.carafe.device.IoResult;
import dev.carafe.log.Log;
import dev.carafe.log.LogFiles;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/** Makes what is in the log survive a power cut (contract D2). */
final class Flusher {
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Log log;
  private final LogMaintenance maintenance;

  Flusher(Log log, LogMaintenance maintenance) {
    this.log = log;
    this.maintenance = maintenance;
  }

  void flush() {
    maintenance.retryFailedWrites();
    long losses = maintenance.syncer().lossCount();
    writeAll();
    awaitWrites();
    maintenance.syncer().runOrThrow(() -> {});
    log.changes().signal();
    if (losses != maintenance.syncer().lossCount()) {
      throw unavailable("what was written before");
    }
  }

  /**
   * The last flush: after it, what does not verify is damage, and can't be taken for a crash, which
   * would bring older values back (R1, R2). The keeper has ended.
   *
   * @param scratch a block or more, overwritten
   */
  void flushAtClose(MemorySegment scratch) {
    flush();
    maintenance
        .syncer()
        .runOrThrow(() -> {
          LogFiles.restoreHeader(log.file(), scratch);
          log.writer().markEnd(scratch);
        });
    if (LogFiles.isShort(log.file())) {
      maintenance.syncer().runOrThrow(() -> LogFiles.restoreLength(log.file()));
    }
  }

  /** Sends all there is, and before that what is owed, which may have to wait for room. */
  private void writeAll() {
    long remainingNanos = maintenance.isMaintenanceThread() ? 0 : WAIT_NANOS;
    for (boolean maintenanceWoken = false; ; ) {
      long seen = log.changes().version();
      log.history().lock();
      try {
        if (maintenance.appendBacklog()) {
          log.writer().writeAll();
          return;
        }
      } finally {
        log.history().unlock();
      }
      if (remainingNanos <= 0 || maintenance.failure() != null) {
        throw unavailable("flush");
      }
      if (maintenanceWoken) {
        remainingNanos = log.changes().await(seen, remainingNanos);
      } else {
        maintenance.wake(); // once: it wakes all who wait, and they would wake each other for ever
      }
      maintenanceWoken = true;
    }
  }

  /** Until all writes have ended: those under way now, and whatever others add meanwhile. */
  private void awaitWrites() {
    for (; ; ) {
      long seen = log.changes().version();
      if (isIdle()) {
        return;
      }
      var _ = log.changes().await(seen, WAIT_NANOS);
    }
  }

  /** Under the lock, so that no failed write is just being repeated, and seen in neither state. */
  private boolean isIdle() {
    log.history().lock();
    try {
      boolean idle = !log.writer().isInFlight();
      if (idle && log.writer().failure() != null) {
        throw unavailable("write");
      }
      return idle;
    } finally {
      log.history().unlock();
    }
  }

  DeviceException unavailable(String operation) {
    IoResult.Failed failure = maintenance.failure();
    return new DeviceException(
        operation,
        log.file().path(),
        failure == null ? 0 : failure.errno(),
        failure == null ? "the file can't follow" : failure.message(),
        null);
  }
}
