package dev.carafe.tier;

import dev.carafe.log.Log;
import dev.carafe.tier.DirtySource.PassResult;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Brings every change to the file before the bound of time (contract D6): values that only memory
 * has are appended, and what the open extent's buffer has is written.
 *
 * <p>A pass begins every third of the bound, as long as anything is unsaved. It appends the values
 * that were unsaved when the pass before began, so each is appended between one and two thirds of
 * the bound after it came, and the last third is left for writing. A value that is overwritten
 * meanwhile is never written. While nothing is unsaved, nothing is timed (B5).
 *
 * <p>Of the keeper's thread, but for {@link #schedule}.
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

  /** Something has changed that is not in the file. */
  void schedule() {
    if (!pending) {
      pending = true;
      log.changes().signal();
    }
  }

  /** Saves what is due; returns how long until there is something to do again. */
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
    pending = false; // before looking: what comes now is found, or noted again
    continuePass(now, true);
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
