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
 * The failed operations of the log's device that have not succeeded since: writes, a sync, and the
 * read of the oldest extent. Repeats them on request (contract F1).
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

  /** Returns the failure of a write, else of a sync, else of a read of the oldest extent. */
  IoResult.@Nullable Failed current() {
    IoResult.Failed write = log.writer().buffers().failure();
    IoResult.Failed sync = write != null ? write : syncFailure;
    return sync != null ? sync : reclaimFailure.get();
  }

  /** Returns the reason and the time of the first failure; null if the file can be written. */
  @Nullable Degraded degraded() {
    return degraded;
  }

  /** Logs when the device begins or ceases to fail. Returns whether it fails. */
  boolean update() {
    IoResult.Failed failure = current();
    if (failure == null) {
      Degraded before = degraded;
      if (before != null && !log.writer().buffers().isInFlight()) {
        degraded = null;
        FlightEvents.restored(log.file().path(), before.since());
        LOG.log(
            Level.INFO,
            log.file().path() + " can be written again after a failure at " + before.since());
      }
      return false;
    }
    if (degraded == null) {
      degraded = new Degraded(failure.message(), Instant.now());
      FlightEvents.degraded(log.file().path(), failure.message());
      LOG.log(
          Level.WARNING,
          log.file().path()
              + " can't be written: "
              + failure.message()
              + "; the cache continues in memory and retries every 0.5 s");
    }
    return true;
  }

  /** Repeats failed writes and a failed sync once. */
  void retryWritesAndSync() {
    log.history().lock(); // no write starts meanwhile
    try {
      if (!log.writer().buffers().isInFlight()) {
        log.writer().buffers().retry();
      }
    } finally {
      log.history().unlock();
    }
    if (syncFailure != null) {
      syncWritten();
    }
  }

  /** Repeats a failed read of the oldest extent once, by reclaiming the extent. */
  void retryReclaim(Reclaimer reclaimer) {
    IoResult.Failed failure = reclaimFailure.get();
    if (failure != null) { // it stays set during the retry, so that no caller waits for room
      boolean freed = reclaimer.reclaimOldest();
      var _ = reclaimFailure.compareAndSet(failure, null); // unless the read failed again
      if (freed) {
        log.changes().signal();
      }
    }
  }

  /** Syncs the written extents. Reclaimed extents that wait for the sync become clean. */
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
    log.changes().signal(); // threads wait for success or failure
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
