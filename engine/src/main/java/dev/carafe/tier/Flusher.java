package dev.carafe.tier;

import dev.carafe.DeviceException;
import dev.carafe.base.FlightEvents;
import dev.carafe.device.IoResult;
import dev.carafe.log.Log;
import dev.carafe.log.LogFiles;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/** Writes and syncs the log, so that all changes survive a power cut (contract D2). */
final class Flusher {
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final String NO_ROOM =
      "no extent is free, since changes come faster than extents are reclaimed; repeat the call, or"
          + " raise the capacity of the file";

  private final Log log;
  private final LogMaintenance maintenance;

  Flusher(Log log, LogMaintenance maintenance) {
    this.log = log;
    this.maintenance = maintenance;
  }

  void flush() {
    FlightEvents.Flush event = FlightEvents.flush();
    boolean done = false;
    try {
      writeAndSync();
      done = true;
    } finally {
      if (event != null) {
        event.end(log.file().path(), done);
      }
    }
  }

  private void writeAndSync() {
    maintenance.retryFailedWrites();
    long losses = maintenance.syncer().lossCount();
    writeAll();
    awaitWrites();
    maintenance.syncer().runOrThrow(() -> {});
    log.changes().signal();
    if (losses != maintenance.syncer().lossCount()) {
      throw unavailable(
          "flush",
          "a failed sync lost records that were written before, so all records of the file were"
              + " discarded; the cache continues");
    }
  }

  /**
   * Flushes when the tier closes, after the maintenance thread has ended. Records in the extent
   * headers that the log is complete. Recovery then treats bytes that do not verify as damage and
   * not as the end of the log after a crash, which would restore older values (R1, R2).
   *
   * @param scratch at least a block, which is overwritten
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

  /** Waits up to 30 s for room to append the backlog. Then starts the writes of all buffers. */
  private void writeAll() {
    long remainingNanos = maintenance.isMaintenanceThread() ? 0 : WAIT_NANOS;
    for (boolean maintenanceWoken = false; ; ) {
      long seen = log.changes().version();
      log.history().lock();
      try {
        if (maintenance.backlog().append()) {
          log.writer().writeAll();
          return;
        }
      } finally {
        log.history().unlock();
      }
      if (remainingNanos <= 0 || maintenance.failure() != null) {
        throw unavailable("flush", NO_ROOM);
      }
      if (maintenanceWoken) {
        remainingNanos = log.changes().await(seen, remainingNanos);
      } else {
        maintenance.wake(); // only once, since it wakes all other waiters too
      }
      maintenanceWoken = true;
    }
  }

  /** Waits until no write is in flight, including writes that other threads start meanwhile. */
  private void awaitWrites() {
    for (; ; ) {
      long seen = log.changes().version();
      if (isIdle()) {
        return;
      }
      var _ = log.changes().await(seen, WAIT_NANOS);
    }
  }

  /**
   * Returns whether no write is in flight; throws if one failed. Takes the history lock, since a
   * failed write that is being restarted under it is neither in flight nor failed.
   */
  private boolean isIdle() {
    log.history().lock();
    try {
      boolean idle = !log.writer().buffers().isInFlight();
      if (idle && log.writer().buffers().failure() != null) {
        throw unavailable("write", "a write failed");
      }
      return idle;
    } finally {
      log.history().unlock();
    }
  }

  DeviceException unavailable(String operation) {
    return unavailable(operation, NO_ROOM);
  }

  /** Returns an exception with the failure of the device, or with another reason. */
  private DeviceException unavailable(String operation, String otherReason) {
    IoResult.Failed failure = maintenance.failure();
    if (failure == null) {
      return new DeviceException(operation, log.file().path(), 0, otherReason, null);
    }
    String next =
        maintenance.isStopped() ? "" : "; the cache continues in memory and retries every 0.5 s";
    return new DeviceException(
        operation, log.file().path(), failure.errno(), failure.message() + next, null);
  }
}
