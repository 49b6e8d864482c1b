package dev.carafe.tier;

import dev.carafe.base.FlightEvents;
import dev.carafe.device.IoResult;
import dev.carafe.log.Log;
import dev.carafe.log.Reclaimer;
import dev.carafe.log.Syncer;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The operations on the log's device that failed and have not succeeded since: writes, a sync, and
 * the read of the extent to reclaim. This class repeats writes and the sync (contract F1).
 *
 * <p>Thread-safe. {@link #update} is for the maintenance thread only.
 *
 * <p>Proved by {@code DiskFaultsTest} and {@code WaitersSeeFailuresTest}.
 */
final class DeviceErrors implements Reclaimer.IoHooks {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private final Log log;
  private final Syncer syncer;
  private final AtomicReference<IoResult.@Nullable Failed> reclaimFailure = new AtomicReference<>();
  private volatile IoResult.@Nullable Failed syncFailure;
  private volatile @Nullable Degraded degraded;
  private volatile boolean stopped;

  DeviceErrors(Log log, Syncer syncer) {
    this.log = log;
    this.syncer = syncer;
  }

  /** Returns the last failure of a write, sync or reclaiming read that has not succeeded since. */
  IoResult.@Nullable Failed current() {
    IoResult.Failed write = log.writer().buffers().failure();
    IoResult.Failed sync = write != null ? write : syncFailure;
    return sync != null ? sync : reclaimFailure.get();
  }

  /** Returns since when the file can't be written, and why; null if it can. */
  @Nullable Degraded degraded() {
    return degraded;
  }

  /** Logs a change between a working and a failing device. Returns whether the device fails. */
  boolean update() {
    IoResult.Failed failure = current();
    if (failure == null) {
      Degraded before = degraded;
      if (before != null && !log.writer().buffers().isInFlight()) {
        degraded = null;
        FlightEvents.restored(log.file().path(), before.since());
        LOG.log(Level.INFO, log.file().path() + " can be written again");
      }
      return false;
    }
    if (degraded == null) {
      degraded = new Degraded(failure.message(), Instant.now());
      FlightEvents.degraded(log.file().path(), failure.message());
      LOG.log(
          Level.WARNING,
          log.file().path() + " can't be written, retrying every 0.5 s: " + failure.message());
    }
    return true;
  }

  /** Repeats failed writes and a failed sync once. */
  void retryWritesAndSync() {
    if (!log.writer().buffers().isInFlight()) {
      log.history().lock();
      try {
        log.writer().buffers().retry();
      } finally {
        log.history().unlock();
      }
    }
    if (syncFailure != null) {
      syncWritten();
    }
  }

  /** Repeats a failed read of the oldest extent once, by reclaiming that extent. */
  void retryReclaim(Reclaimer reclaimer) {
    IoResult.Failed unread = reclaimFailure.get();
    if (unread != null) { // it stays set during the retry, so that no caller waits for room
      boolean freed = reclaimer.reclaimOldest();
      var _ = reclaimFailure.compareAndSet(unread, null); // unless another read failed
      if (freed) {
        log.changes().signal();
      }
    }
  }

  /** Syncs the written extents. Reclaimed extents that waited for the sync can then be opened. */
  @Override
  public void syncWritten() {
    long written;
    log.history().lock();
    try {
      written = log.writer().writtenSequence();
    } finally {
      log.history().unlock();
    }
    if (written <= log.writer().syncedSequence()) {
      syncFailure = null; // a concurrent flush synced them
      return;
    }
    syncFailure = syncer.run() instanceof IoResult.Failed failed ? failed : null;
    log.changes().signal(); // success or failure: both end waits
  }

  @Override
  public boolean recordReadFailure(IoResult.Failed failure) {
    reclaimFailure.set(failure);
    log.changes().signal();
    return false;
  }

  @Override
  public IoResult sync(Runnable before) {
    return syncer.run(before);
  }

  @Override
  public boolean isStopped() {
    return stopped || log.writer().buffers().failure() != null || syncFailure != null;
  }

  /** Stops reclamation at its next record. */
  void stop() {
    stopped = true;
  }
}
