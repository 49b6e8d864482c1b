package dev.carafe.tier;

import dev.carafe.base.EngineThread;
import dev.carafe.device.IoResult;
import dev.carafe.log.Log;
import dev.carafe.log.ReclaimNeeds;
import dev.carafe.log.Reclaimer;
import dev.carafe.log.Resizer;
import dev.carafe.log.Syncer;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The background thread of the log. It reclaims extents so that the writer has clean ones, repeats
 * failed writes, syncs written extents, appends the {@link TombstoneBacklog}, and does timed work:
 * {@link Writeback} passes and {@link Scrubber}.
 *
 * <p>The daemon thread {@code carafe-keeper} sleeps until the log changes (contract B5). While the
 * device fails, it retries every 0.5 s (F1). An exception does not end the thread. If the system
 * refuses to start the thread, later operations try again (F6).
 *
 * <p>Proved by {@code SimEngineTest}, {@code DiskFaultsTest}, {@code WaitersSeeFailuresTest} and
 * {@code TombstoneBacklogTest}.
 */
final class LogMaintenance {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Log log;
  private final Syncer syncer;
  private final DeviceErrors errors;
  private final Reclaimer reclaimer;
  private final SpaceRelease release;
  private final Resizer resizer;
  private final ReclaimTracker reclaimTracker;
  private final TombstoneBacklog backlog;
  private final LongSupplier timedWork;
  private final EngineThread thread;
  private volatile boolean stopped;
  private volatile @Nullable Degraded threadFailure;

  /**
   * Prepares the thread. {@link #wake} starts it.
   *
   * @param timedWork does what is due, and returns the nanoseconds until it is to be called again
   */
  LogMaintenance(
      OpenLog open,
      FileIndex index,
      ReclaimTracker reclaimTracker,
      LongSupplier timedWork,
      TombstoneBacklog backlog) {
    this.log = open.log();
    this.syncer = new Syncer(log, backlog::discardAll);
    this.errors = new DeviceErrors(log, syncer);
    this.reclaimer = new Reclaimer(log, index, open.reclaimBuffer(), reclaimTracker, errors);
    this.resizer = new Resizer(log, open.reclaimBuffer(), errors);
    this.release =
        new SpaceRelease(
            log, new ReclaimNeeds(log, index, reclaimTracker), resizer, index.discarded());
    this.reclaimTracker = reclaimTracker;
    this.backlog = backlog;
    this.timedWork = timedWork;
    this.thread = new EngineThread("carafe-keeper", this::run);
  }

  /** Starts the thread if it does not run. Returns false if the system refuses to. */
  boolean ensureRunning() {
    return stopped || thread.isRunning();
  }

  /** Returns whether the thread was stopped, since the tier closes. Nothing is retried then. */
  boolean isStopped() {
    return stopped;
  }

  /** Returns whether the calling thread is the maintenance thread, as in a removal listener. */
  boolean isMaintenanceThread() {
    return thread.isCurrent();
  }

  private void run() {
    log.changes().signal(); // after an exception, so that threads that wait check for it
    while (!stopped) {
      long seen = log.changes().version();
      release.freeTables();
      boolean failing = retryIfFailing();
      long nanos = failing ? 0 : Math.min(syncAndReclaim(), timedWork.getAsLong());
      thread.recordSuccess();
      if (failing) {
        pauseBeforeRetry();
      } else if (nanos > 0 && !stopped) {
        var _ = log.changes().await(seen, nanos);
      }
    }
  }

  /** Waits for 0.5 s before the next retry, also if the log changes meanwhile. */
  private void pauseBeforeRetry() {
    long remainingNanos = RETRY_NANOS;
    while (remainingNanos > 0 && !stopped) {
      long seen = log.changes().version();
      remainingNanos = stopped ? 0 : log.changes().await(seen, remainingNanos);
    }
  }

  /** Repeats failed operations once. Returns whether there were any. */
  private boolean retryIfFailing() {
    boolean failing = errors.update();
    if (failing) {
      errors.retryWritesAndSync();
      if (!resizer.isRestoring()) {
        errors.retryReclaim(reclaimer);
      }
      IoResult.Failed failure = errors.current();
      if (failure != null) {
        resizer.fail(failure.message());
      }
    }
    return failing;
  }

  /** Repeats failed writes and a failed sync once, and waits up to 30 s for the writes to end. */
  void retryFailedWrites() {
    if (errors.current() != null) {
      errors.retryWritesAndSync();
      long remainingNanos = WAIT_NANOS;
      while (log.writer().buffers().isInFlight() && remainingNanos > 0) {
        long seen = log.changes().version();
        remainingNanos =
            log.writer().buffers().isInFlight() ? log.changes().await(seen, remainingNanos) : 0;
      }
    }
  }

  /** Returns the failure of the device, else that of the maintenance thread; null if none. */
  IoResult.@Nullable Failed failure() {
    IoResult.Failed device = errors.current();
    if (device != null || isMaintenanceThread()) {
      return device;
    }
    var _ = ensureRunning();
    String failure = thread.failure();
    return failure == null ? null : new IoResult.Failed(0, failure);
  }

  /**
   * Syncs and reclaims. Returns the nanoseconds for which the thread may then wait for a change.
   */
  private long syncAndReclaim() {
    errors.syncWritten();
    appendBacklog();
    boolean resized = false;
    while (resizer.advance()) { // before anything is reclaimed under a smaller capacity
      resized = true;
    }
    boolean extentWanted =
        !resizer.isRestoring() && (release.isReclaimWanted() || resizer.isReclaimWanted());
    boolean freed = extentWanted && reclaimer.reclaimOldest();
    reclaimTracker.notifyListener();
    if (freed) {
      log.changes().signal();
    }
    boolean punched = !extentWanted && release.punchOne();
    boolean again = freed || punched || resized;
    return again ? 0 : extentWanted || resizer.isBusy() ? RETRY_NANOS : Long.MAX_VALUE;
  }

  /** Appends the backlog, since no other operation may follow the removals (D6). */
  private void appendBacklog() {
    if (backlog.isPending()) {
      boolean appended;
      log.history().lock();
      try {
        appended = backlog.append();
      } finally {
        log.history().unlock();
      }
      if (appended) {
        log.changes().signal();
      }
    }
  }

  Syncer syncer() {
    return syncer;
  }

  TombstoneBacklog backlog() {
    return backlog;
  }

  Resizer resizer() {
    return resizer;
  }

  /** Starts to free the oldest extents whose records have all expired. */
  void reclaimExpired() {
    release.requestExpired();
    log.changes().signal();
  }

  /** Starts to free the extents that are mostly dead, after many records were removed at once. */
  void reclaimDead() {
    release.requestDead();
    wake();
  }

  /** Wakes the thread, and starts it if it does not run. */
  void wake() {
    var _ = ensureRunning();
    log.changes().signal();
  }

  /** Returns why the file can't be written, or why writes will soon fail; null if neither. */
  @Nullable Degraded degraded() {
    Degraded device = errors.degraded();
    String failure = stopped ? null : thread.failure();
    if (failure == null && !stopped) {
      failure = log.file().device().failure();
    }
    if (device != null || failure == null) {
      threadFailure = null;
      return device;
    }
    Degraded known = threadFailure;
    if (known == null) {
      known = new Degraded(failure, Instant.now());
      threadFailure = known;
    }
    return known;
  }

  /**
   * Waits up to 30 s until the backlog is appended. Returns at once if the device fails, or if the
   * caller is the maintenance thread, which appends the backlog itself.
   */
  void awaitBacklog() {
    long remainingNanos = isMaintenanceThread() ? 0 : WAIT_NANOS;
    if (backlog.isPending()) {
      wake();
    }
    while (backlog.isPending() && remainingNanos > 0) {
      long seen = log.changes().version();
      log.history().lock();
      try {
        if (backlog.append()) {
          return;
        }
      } finally {
        log.history().unlock();
      }
      remainingNanos = failure() == null ? log.changes().await(seen, remainingNanos) : 0;
    }
  }

  /**
   * Stops the thread and waits up to 60 s for its end.
   *
   * @return false if it has not ended, for example because a removal listener blocks
   */
  boolean stop() {
    stopped = true;
    errors.stop();
    log.changes().signal();
    thread.unpark();
    boolean ended = thread.awaitEnd(STOP_NANOS);
    if (!ended) {
      LOG.log(
          Level.ERROR,
          log.file().path()
              + " stays open and locked: thread carafe-keeper did not end within 60 s, since a"
              + " listener or a codec blocks it; end that call, then open the file in a new"
              + " process");
    }
    return ended;
  }
}
