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
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The background thread of the log. It reclaims extents so that the writer always has clean ones,
 * repeats failed writes, syncs written extents, appends the tombstone backlog before any other
 * record, and runs {@link Writeback} passes.
 *
 * <p>The daemon thread {@code carafe-keeper} sleeps until the log changes (contract B5). While the
 * device fails, it tries again every 0.5 s (F1). An exception does not end the thread. If the
 * thread could not be started, later operations try to start it (F6).
 *
 * <p>Proved by {@code SimEngineTest}, {@code DiskFaultsTest} and {@code WaitersSeeFailuresTest}.
 */
final class LogMaintenance implements Reclaimer.ProgressHooks {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final int MAX_BACKLOG = 64 * 1024;

  /** A TOMBSTONE or CLEAR record that is not appended yet. */
  private record Tombstone(byte kind, byte[] key, KeyHash hash) {
    /** Exists before it is needed, since a full heap must not lose the backlog that it replaces. */
    static final Tombstone CLEAR = new Tombstone(RecordLayout.CLEAR, new byte[0], KeyHash.NONE);
  }

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
  private final AtomicReference<IoResult.@Nullable Failed> reclaimFailure = new AtomicReference<>();

  /**
   * Starts the thread. If the system refuses a thread, the next operation tries again.
   *
   * @param removeAllFromIndex empties index and table; called under the history lock
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

  /** Starts the thread if it does not run. Returns false if the system refuses a thread. */
  boolean ensureRunning() {
    return stopped || thread.isRunning();
  }

  /** Whether the calling thread is the maintenance thread, for example in a removal listener. */
  boolean isMaintenanceThread() {
    return thread.isCurrent();
  }

  private void run() {
    changes.signal(); // after an exception: threads that wait see it
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

  /** Waits 0.5 s before the failing device is tried again, also if the log changes meanwhile. */
  private void pauseBeforeRetry() {
    long remainingNanos = RETRY_NANOS;
    while (remainingNanos > 0 && !stopped) {
      long seen = changes.version();
      remainingNanos = stopped ? 0 : changes.await(seen, remainingNanos);
    }
  }

  /** Repeats failed operations once. Returns whether the device failed before that. */
  private boolean retryIfFailing() {
    IoResult.Failed failure = deviceFailure();
    if (failure == null) {
      if (degraded != null && !writer.buffers().isInFlight()) {
        degraded = null;
        LOG.log(Level.INFO, log.file().path() + " can be written again");
      }
      return false;
    }
    if (degraded == null) {
      degraded = new Degraded(failure.message(), Instant.now());
      LOG.log(
          Level.WARNING,
          log.file().path() + " can't be written, retrying every 0.5 s: " + failure.message());
    }
    retryWritesAndSync();
    IoResult.Failed unread = reclaimFailure.get();
    if (unread != null) { // it stays set during the retry, so that no caller waits for room
      boolean freed = reclaimer.reclaimOldest();
      var _ = reclaimFailure.compareAndSet(unread, null); // unless another read failed
      if (freed) {
        changes.signal();
      }
    }
    return true;
  }

  /** Repeats failed writes and a failed sync once. */
  private void retryWritesAndSync() {
    if (!writer.buffers().isInFlight()) {
      log.history().lock();
      try {
        writer.buffers().retry();
      } finally {
        log.history().unlock();
      }
    }
    if (syncFailure != null) {
      makeProgress();
    }
  }

  /** Repeats failed writes and a failed sync at once and waits up to 30 s for the writes to end. */
  void retryFailedWrites() {
    if (deviceFailure() != null) {
      retryWritesAndSync();
      long remainingNanos = WAIT_NANOS;
      while (writer.buffers().isInFlight() && remainingNanos > 0) {
        long seen = changes.version();
        remainingNanos = writer.buffers().isInFlight() ? changes.await(seen, remainingNanos) : 0;
      }
    }
  }

  /** Returns the failure of the device, else that of the maintenance thread; null if none. */
  IoResult.@Nullable Failed failure() {
    IoResult.Failed device = deviceFailure();
    if (device != null || isMaintenanceThread()) {
      return device;
    }
    var _ = ensureRunning();
    String failure = thread.failure();
    return failure == null ? null : new IoResult.Failed(0, failure);
  }

  /** Returns the last failure of a write, sync or reclaiming read that has not succeeded since. */
  private IoResult.@Nullable Failed deviceFailure() {
    IoResult.Failed write = writer.buffers().failure();
    IoResult.Failed sync = write != null ? write : syncFailure;
    return sync != null ? sync : reclaimFailure.get();
  }

  /** Syncs and reclaims. Returns for how many nanoseconds the thread may wait for a change then. */
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
    return stopped || writer.buffers().failure() != null || syncFailure != null;
  }

  /** Syncs the written extents. Reclaimed extents that waited for the sync can then be opened. */
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
      syncFailure = null; // a concurrent flush synced them
      return;
    }
    syncFailure = syncer.run() instanceof IoResult.Failed failed ? failed : null;
    changes.signal(); // success or failure: both end waits
  }

  @Override
  public boolean readFailed(IoResult.Failed failure) {
    reclaimFailure.set(failure);
    changes.signal();
    return false;
  }

  @Override
  public IoResult sync(Runnable before) {
    return syncer.run(before);
  }

  Syncer syncer() {
    return syncer;
  }

  /** Under the history lock: discards all records, after data was lost that can't be identified. */
  private void discardAll() {
    removeAllFromIndex.run();
    addClear();
    var _ = appendBacklog();
  }

  /** Starts to free the oldest extents, up to the first that has a record that has not expired. */
  void reclaimExpired() {
    reclaimingExpired = true;
    changes.signal();
  }

  /** Wakes the thread, and starts it if it does not run. */
  void wake() {
    var _ = ensureRunning();
    changes.signal();
  }

  /** Returns why the file can't be written, or why writes will soon fail; null if neither. */
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
   * Under the history lock: adds the tombstone of a key to the backlog. {@link #appendBacklog}
   * appends it.
   */
  void addTombstone(FileKey key) {
    byte[] bytes = key.bytes().toArray(ValueLayout.JAVA_BYTE);
    addToBacklog(new Tombstone(RecordLayout.TOMBSTONE, bytes, key.hash()));
  }

  /** Under the history lock: replaces the backlog by a CLEAR, which removes all keys. */
  void addClear() {
    backlog.clear();
    addToBacklog(Tombstone.CLEAR);
  }

  private void addToBacklog(Tombstone tombstone) {
    if (backlog.size() >= MAX_BACKLOG) {
      // the backlog is full: discard all records, else a removed value could return
      addClear();
      removeAllFromIndex.run();
    }
    backlog.add(tombstone);
    hasBacklog = true;
  }

  /** Under the history lock: appends the backlog. Returns whether all of it is appended. */
  boolean appendBacklog() {
    for (Tombstone next = backlog.peek(); next != null; next = backlog.peek()) {
      RecordLayout.Header header =
          new RecordLayout.Header(next.kind, (byte) 0, next.key.length, 0, 0, Long.MAX_VALUE);
      MemorySegment key = MemorySegment.ofArray(next.key);
      if (writer.tryAppend(header, next.hash, key, MemorySegment.NULL) == RecordAddress.NONE) {
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
   * Waits up to 30 s until the backlog is appended. Returns at once if the device fails, or if the
   * caller is the maintenance thread, which appends the backlog itself.
   */
  void awaitBacklog() {
    long remainingNanos = isMaintenanceThread() ? 0 : WAIT_NANOS;
    if (hasBacklog) {
      wake();
    }
    while (hasBacklog && remainingNanos > 0) {
      long seen = changes.version();
      log.history().lock();
      try {
        if (appendBacklog()) {
          return;
        }
      } finally {
        log.history().unlock();
      }
      remainingNanos = failure() == null ? changes.await(seen, remainingNanos) : 0;
    }
  }

  /**
   * Stops the thread and waits up to 60 s for its end.
   *
   * @return false if it has not ended, for example because a removal listener blocks
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
              + " stays open and locked: a listener or a codec blocks thread carafe-keeper");
    }
    return ended;
  }
}
