package dev.carafe.tier;

import dev.carafe.base.EngineThread;
import dev.carafe.device.IoResult;
import dev.carafe.log.EventCount;
import dev.carafe.log.Log;
import dev.carafe.log.LogWriter;
import dev.carafe.log.Reclaimer;
import dev.carafe.log.RecordAddress;
import dev.carafe.log.Syncer;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.RecordLayout;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the log going: clean extents ahead of the writer, failed writes repeated, what was written
 * synced, tombstones that found no room appended before anything else, and what is not in the file
 * saved in time ({@link Writeback}).
 *
 * <p>One daemon thread, which sleeps until something changes (contract B5) and, only while the
 * device fails, looks again every half second (F1). What it throws does not end it, and it is
 * started again if it could not be started (F6).
 *
 * <p>Proved by {@code SimEngineTest}, {@code DiskFaultsTest} and {@code FailingWorldTest}.
 */
final class LogMaintenance implements Reclaimer.ProgressHooks {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final int MAX_BACKLOG = 64 * 1024;
  private static final MemorySegment NO_VALUE = MemorySegment.NULL;

  /** A record without a value that is to be appended before any other. */
  private record Tombstone(byte kind, byte[] key, KeyHash hash) {}

  private final Log log;
  private final LogWriter writer;
  private final EventCount changes;
  private final Syncer syncer;
  private final Reclaimer reclaimer;
  private final ReclaimTracker reclaimTracker;
  private final Writeback writeback;
  private final int cleanExtentTarget;
  private final Runnable removeAllFromIndex;
  private final ArrayDeque<Tombstone> backlog = new ArrayDeque<>(); // guarded by the history lock
  private final EngineThread thread;
  private volatile boolean hasBacklog;
  private volatile boolean stopped;
  private volatile boolean reclaimingExpired;
  private volatile @Nullable Degraded degraded;
  private volatile @Nullable Degraded threadFailure;
  private volatile IoResult.@Nullable Failed syncFailure;
  private volatile IoResult.@Nullable Failed reclaimFailure;

  /**
   * Starts the thread; where the system refuses one, the next operation tries again. What is given
   * empties index and table, under the history lock.
   */
  LogMaintenance(
      OpenLog open,
      FileIndex index,
      ReclaimTracker reclaimTracker,
      Writeback writeback,
      Runnable removeAllFromIndex) {
    this.writeback = writeback;
    this.removeAllFromIndex = removeAllFromIndex;
    this.log = open.log();
    this.writer = log.writer();
    this.changes = log.changes();
    this.syncer = new Syncer(log, this::discardAll);
    this.reclaimer = new Reclaimer(log, index, open.reclaimBuffer(), reclaimTracker, this);
    this.reclaimTracker = reclaimTracker;
    this.cleanExtentTarget = log.file().geometry().extentCount() >= 12 ? 3 : 2;
    this.thread = new EngineThread("carafe-keeper", this::run);
    var _ = ensureRunning();
  }

  /** Starts the thread if it does not run; false if the system has none to give. */
  boolean ensureRunning() {
    return stopped || thread.isRunning();
  }

  /** Whether the caller is the thread itself, in a listener of the application's. */
  boolean isMaintenanceThread() {
    return thread.isCurrent();
  }

  private void run() {
    while (!stopped) {
      long seen = changes.version();
      boolean failing = retryIfFailing();
      long nanos = failing ? 0 : Math.min(syncAndReclaim(), writeback.runIfDue());
      thread.recordSuccess();
      if (failing) {
        pauseBeforeRetry();
      } else if (nanos > 0 && !stopped) {
        var _ = changes.await(seen, nanos);
      }
    }
  }

  /** While the device fails: whatever else changes, it is tried again only after a while. */
  private void pauseBeforeRetry() {
    long remainingNanos = RETRY_NANOS;
    while (remainingNanos > 0 && !stopped) {
      long seen = changes.version();
      remainingNanos = stopped ? 0 : changes.await(seen, remainingNanos);
    }
  }

  /** Repeats failed writes; returns whether the device fails at the moment. */
  private boolean retryIfFailing() {
    IoResult.Failed failure = deviceFailure();
    if (failure == null) {
      if (degraded != null && !writer.isInFlight()) {
        degraded = null;
        LOG.log(Level.INFO, log.file().path() + " can be written again");
      }
      return false;
    }
    if (degraded == null) {
      degraded = new Degraded(failure.message(), Instant.now());
      LOG.log(
          Level.WARNING,
          log.file().path() + " can't be written, memory goes on alone: " + failure.message());
    }
    retryWritesAndSync();
    if (reclaimFailure != null) {
      reclaimFailure = null; // unless it fails again
      if (reclaimer.reclaimOldest()) {
        changes.signal();
      }
    }
    return true;
  }

  /** Repeats what failed, once. */
  private void retryWritesAndSync() {
    if (!writer.isInFlight()) {
      log.history().lock();
      try {
        writer.retry();
      } finally {
        log.history().unlock();
      }
    }
    if (syncFailure != null) {
      makeProgress();
    }
  }

  /** Somebody needs the file now: what failed is repeated at once and waited for. */
  void retryFailedWrites() {
    if (deviceFailure() != null) {
      retryWritesAndSync();
      long remainingNanos = WAIT_NANOS;
      while (writer.isInFlight() && remainingNanos > 0) {
        long seen = changes.version();
        remainingNanos = writer.isInFlight() ? changes.await(seen, remainingNanos) : 0;
      }
    }
  }

  /** What keeps the log from going on: a failing device, or a thread that can't do its work. */
  IoResult.@Nullable Failed failure() {
    IoResult.Failed device = deviceFailure();
    if (device != null || isMaintenanceThread()) {
      return device;
    }
    var _ = ensureRunning();
    String failure = thread.failure();
    return failure == null ? null : new IoResult.Failed(0, failure);
  }

  /** A write or a sync that failed and was not repeated well. */
  private IoResult.@Nullable Failed deviceFailure() {
    IoResult.Failed write = writer.failure();
    IoResult.Failed sync = write != null ? write : syncFailure;
    return sync != null ? sync : reclaimFailure;
  }

  /** Syncs and reclaims; returns how long to wait then, if nothing changes meanwhile. */
  private long syncAndReclaim() {
    makeProgress();
    boolean extentWanted;
    log.history().lock();
    try {
      extentWanted = log.table().cleanCount() < cleanExtentTarget;
    } finally {
      log.history().unlock();
    }
    if (reclaimingExpired && !extentWanted) {
      extentWanted = reclaimer.isOldestExpired();
      reclaimingExpired = extentWanted;
    }
    boolean freed = extentWanted && reclaimer.reclaimOldest();
    reclaimTracker.notifyListener();
    if (freed) {
      changes.signal();
    }
    return freed ? 0 : extentWanted ? RETRY_NANOS : Long.MAX_VALUE;
  }

  @Override
  public boolean isStopped() {
    return stopped || deviceFailure() != null;
  }

  /** Syncs what is written; extents that wait to be overwritten can be then. */
  @Override
  public void makeProgress() {
    long written;
    log.history().lock();
    try {
      written = writer.writtenSequence();
    } finally {
      log.history().unlock();
    }
    if (written <= writer.syncedSequence()) {
      syncFailure = null; // a flush got there first
      return;
    }
    boolean failedBefore = syncFailure != null;
    IoResult result = syncer.run();
    syncFailure = result instanceof IoResult.Failed failed ? failed : null;
    if (result.isDone() || !failedBefore) {
      changes.signal();
    }
  }

  @Override
  public boolean readFailed(IoResult.Failed failure) {
    reclaimFailure = failure;
    return false;
  }

  @Override
  public IoResult sync(Runnable before) {
    return syncer.run(before);
  }

  Syncer syncer() {
    return syncer;
  }

  /** Under the history lock: what the file has is not known any more. */
  private void discardAll() {
    removeAllFromIndex.run();
    addClear();
    var _ = appendBacklog();
  }

  /** Frees the oldest extents as far as all of their records have expired. */
  void reclaimExpired() {
    reclaimingExpired = true;
    changes.signal();
  }

  /** There may be something to do. */
  void wake() {
    var _ = ensureRunning();
    changes.signal();
  }

  /** Why the file can't be written, or not for long; null if all is well. */
  @Nullable Degraded degraded() {
    Degraded device = degraded;
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
   * Under the history lock: a key is gone from here on. Its tombstone is appended by {@link
   * #appendBacklog}.
   */
  void addTombstone(FileKey key) {
    byte[] bytes = key.bytes().toArray(ValueLayout.JAVA_BYTE);
    addToBacklog(new Tombstone(RecordLayout.TOMBSTONE, bytes, key.hash()));
  }

  /** Under the history lock: the same of all keys. */
  void addClear() {
    backlog.clear();
    addToBacklog(new Tombstone(RecordLayout.CLEAR, new byte[0], KeyHash.NONE));
  }

  private void addToBacklog(Tombstone tombstone) {
    if (backlog.size() >= MAX_BACKLOG) {
      // too many to remember one by one: all of the file is given up rather than one be stale
      backlog.clear();
      backlog.add(new Tombstone(RecordLayout.CLEAR, new byte[0], KeyHash.NONE));
      removeAllFromIndex.run();
    }
    backlog.add(tombstone);
    hasBacklog = true;
  }

  /** Under the history lock: appends what is owed; returns whether all of it is. */
  boolean appendBacklog() {
    for (Tombstone next = backlog.peek(); next != null; next = backlog.peek()) {
      RecordLayout.Header header =
          new RecordLayout.Header(next.kind, (byte) 0, next.key.length, 0, 0, Long.MAX_VALUE);
      MemorySegment key = MemorySegment.ofArray(next.key);
      if (writer.tryAppend(header, next.hash, key, NO_VALUE) == RecordAddress.NONE) {
        hasBacklog = true;
        return false;
      }
      backlog.remove();
      writeback.schedule();
    }
    hasBacklog = false;
    return true;
  }

  /**
   * Waits, for a bounded time, until what is owed is paid; a failing device is not waited for. The
   * thread itself can't wait for itself: it pays later.
   */
  void awaitBacklog() {
    long remainingNanos = isMaintenanceThread() ? 0 : WAIT_NANOS;
    if (hasBacklog) {
      wake();
    }
    while (hasBacklog && remainingNanos > 0 && failure() == null) {
      long seen = changes.version();
      log.history().lock();
      try {
        if (appendBacklog()) {
          return;
        }
      } finally {
        log.history().unlock();
      }
      remainingNanos = changes.await(seen, remainingNanos);
    }
  }

  /**
   * Ends the thread, whatever it is doing.
   *
   * @return false if it is still busy, in a listener of the application's
   */
  boolean stop() {
    stopped = true;
    changes.signal();
    thread.unpark();
    boolean ended = thread.awaitEnd(STOP_NANOS);
    if (!ended) {
      LOG.log(
          Level.ERROR,
          log.file().path()
              + " stays open: thread carafe-keeper did not end, it is in a listener or a codec");
    }
    return ended;
  }
}
