package dev.carafe.tier;

import dev.carafe.log.Log;
import dev.carafe.tier.DirtySource.PassResult;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Writes every change to the file within the bound {@code persistWithin} (contract D6): appends the
 * dirty values of memory and writes the buffer of the open extent.
 *
 * <p>While there are dirty values, a pass begins every third of the bound. It appends the values
 * that were dirty when the previous pass began, except those that were overwritten since. So a
 * value is appended one to two thirds of the bound after its put. The last third is left for the
 * write. Without dirty values there is no timed wait (B5).
 *
 * <p>Called by the maintenance thread only, except {@link #schedule}.
 */
final class Writeback {
  private static final int PASSES_IN_BOUND = 3;
  private static final long MIN_PERIOD_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
  private static final long MAX_PERIOD_NANOS = TimeUnit.DAYS.toNanos(365);
  private static final long MAX_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final DirtySource dirtySource;
  private final Log log;
  private final long periodNanos;
  private volatile boolean pending;
  private boolean passScheduled;
  private boolean passIncomplete;
  private long passAtNanos;
  private long retryAtNanos;

  Writeback(DirtySource dirtySource, Log log) {
    this.dirtySource = dirtySource;
    this.log = log;
    this.periodNanos = periodOf(dirtySource.persistWithin());
  }

  private static long periodOf(Duration bound) {
    long nanos = TimeUnit.NANOSECONDS.convert(bound); // saturates
    return Math.clamp(nanos / PASSES_IN_BOUND, MIN_PERIOD_NANOS, MAX_PERIOD_NANOS);
  }

  /** Schedules a pass after a change that is not in the file. */
  void schedule() {
    if (!pending) {
      pending = true;
      log.changes().signal();
    }
  }

  /** Runs a pass if one is due. Returns the nanoseconds until the next one. */
  long runIfDue() {
    if (!pending && !passScheduled) {
      return Long.MAX_VALUE;
    }
    long now = System.nanoTime();
    if (!passScheduled) {
      passScheduled = true;
      passAtNanos = now + periodNanos;
    }
    if (passAtNanos - now <= 0) {
      startPass(now);
    } else if (passIncomplete && retryAtNanos - now <= 0) {
      continuePass(now, false);
    }
    return nanosUntilNext();
  }

  private long nanosUntilNext() {
    if (!passScheduled) {
      return pending ? 1 : Long.MAX_VALUE;
    }
    long at = passIncomplete && retryAtNanos - passAtNanos < 0 ? retryAtNanos : passAtNanos;
    return Math.max(1, at - System.nanoTime());
  }

  private void startPass(long now) {
    passScheduled = false;
    pending = false; // before the pass, which finds a concurrent change unless that sets it again
    boolean complete = false;
    try {
      continuePass(now, true);
      complete = true;
    } finally {
      pending |= !complete; // after an exception, the next pass starts again
    }
    if (passIncomplete || pending) {
      passScheduled = true;
      passAtNanos = now + periodNanos;
    }
  }

  private void continuePass(long now, boolean newPass) {
    PassResult result = dirtySource.writeBack(newPass);
    writeBuffered();
    passIncomplete = result == PassResult.LOCKED_LEFT || result == PassResult.NO_ROOM;
    pending |= result == PassResult.NEWER_LEFT;
    retryAtNanos = now + Math.min(periodNanos / 8, MAX_RETRY_NANOS);
  }

  private void writeBuffered() {
    log.history().lock();
    try {
      log.writer().writeAll();
    } finally {
      log.history().unlock();
    }
  }
}
