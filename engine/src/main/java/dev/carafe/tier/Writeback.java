package dev.carafe.tier;

import dev.carafe.log.Log;
import dev.carafe.tier.DirtySource.Rest;
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
 * <p>Of the keeper's thread, but for {@link #note}.
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
  private boolean timed;
  private boolean unfinished;
  private long passAtNanos;
  private long retryAtNanos;

  Writeback(DirtySource dirtySource, Log log) {
    this.dirtySource = dirtySource;
    this.log = log;
    this.periodNanos = periodOf(dirtySource.bound());
  }

  private static long periodOf(Duration bound) {
    long nanos = TimeUnit.NANOSECONDS.convert(bound); // saturates
    return Math.clamp(nanos / PASSES_IN_BOUND, MIN_PERIOD_NANOS, MAX_PERIOD_NANOS);
  }

  /** Something has changed that is not in the file. */
  void note() {
    if (!pending) {
      pending = true;
      log.changes().signal();
    }
  }

  /** Saves what is due; returns how long until there is something to do again. */
  long tend() {
    if (!pending && !timed) {
      return Long.MAX_VALUE;
    }
    long now = System.nanoTime();
    if (!timed) {
      timed = true;
      passAtNanos = now + periodNanos;
    }
    if (passAtNanos - now <= 0) {
      pass(now);
    } else if (unfinished && retryAtNanos - now <= 0) {
      goOn(now, false);
    }
    return untilNext();
  }

  private long untilNext() {
    if (!timed) {
      return pending ? 1 : Long.MAX_VALUE;
    }
    long at = unfinished && retryAtNanos - passAtNanos < 0 ? retryAtNanos : passAtNanos;
    return Math.max(1, at - System.nanoTime());
  }

  private void pass(long now) {
    timed = false;
    pending = false; // before looking: what comes now is found, or noted again
    goOn(now, true);
    if (unfinished || pending) {
      timed = true;
      passAtNanos = now + periodNanos;
    }
  }

  private void goOn(long now, boolean fromTheStart) {
    Rest rest = dirtySource.save(fromTheStart);
    sendBuffered();
    unfinished = rest == Rest.BLOCKED || rest == Rest.NO_ROOM;
    pending |= rest == Rest.YOUNG;
    retryAtNanos = now + Math.min(periodNanos / 8, MAX_RETRY_NANOS);
  }

  private void sendBuffered() {
    log.history().lock();
    try {
      log.writer().sendAll();
    } finally {
      log.history().unlock();
    }
  }
}
