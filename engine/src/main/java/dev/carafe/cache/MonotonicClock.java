package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.carafe.base.ErrorLog;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;

/**
 * The clock of expiration times. It is set to the wall clock when the cache is opened, and then
 * advances with the ticker, so it never steps (contract R6).
 *
 * <p>A read of the time compares it with the wall clock, at most every {@value #CHECK_MILLIS} ms.
 * If the wall clock has moved against the monotonic clock, there are two cases. If the machine was
 * suspended, this clock advances by the time of the suspension. If the wall clock was set, its lead
 * over this clock has changed; the file records the new lead, so that expiration times can be
 * compared after a restart. If the system can't distinguish the two cases, a jump forward counts as
 * a suspension.
 *
 * <p>With an application's own ticker, suspensions are ignored, as in Caffeine: only the lead of
 * the wall clock is tracked.
 */
final class MonotonicClock {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final long CHECK_MILLIS = 50;
  private static final long CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(CHECK_MILLIS);

  /** The tolerated difference, for a slewed clock and for the time between two readings. */
  private static final long TOLERANCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Ticker ticker;
  private final boolean customTicker;
  private final SystemClocks clocks;
  private final long epochMinusTicker;
  private final AtomicBoolean checking = new AtomicBoolean();
  private volatile long nextCheckNanos;
  private volatile long suspendedNanos;
  private volatile LongConsumer stepListener = lead -> {};
  private long wallMinusMonotonic; // guarded by checking, as are the next two fields
  private long bootMinusMonotonic;
  private long leadNanos;

  MonotonicClock(Ticker ticker, SystemClocks clocks) {
    this.ticker = ticker;
    this.customTicker = ticker != Ticker.systemTicker();
    this.clocks = clocks;
    long wall = clocks.wallNanos();
    long now = ticker.read();
    long monotonic = clocks.monotonicNanos();
    this.epochMinusTicker = wall - now;
    this.nextCheckNanos = now + CHECK_NANOS;
    this.wallMinusMonotonic = wall - monotonic;
    long boot = clocks.bootNanos();
    this.bootMinusMonotonic = boot == SystemClocks.UNKNOWN ? 0 : boot - monotonic;
  }

  /** Sets the listener that gets the wall clock's lead over this clock when it changes. */
  void onStep(LongConsumer listener) {
    this.stepListener = listener;
  }

  /** Returns the ticker's time plus the time of all suspensions. */
  long tickerNanos() {
    long now = ticker.read();
    if (now - nextCheckNanos >= 0) {
      nextCheckNanos = now + CHECK_NANOS;
      checkForStep();
    }
    return now + suspendedNanos;
  }

  /** Returns the nanoseconds since the epoch. */
  long nowNanos() {
    return tickerNanos() + epochMinusTicker;
  }

  /**
   * As {@link #nowNanos()}, for the log's maintenance thread, which must continue if the ticker
   * throws.
   */
  long nowNanos(ErrorLog errors) {
    try {
      return nowNanos();
    } catch (Throwable t) {
      errors.report("the ticker threw; the system's clock is used instead", t);
      return SystemClocks.ofSystem().wallNanos();
    }
  }

  /** Compares this clock with the wall clock now. */
  void checkForStep() {
    if (checking.compareAndSet(false, true)) {
      try {
        long before = clocks.monotonicNanos();
        long wall = clocks.wallNanos();
        long drift = wall - before - wallMinusMonotonic;
        if (Math.abs(drift) > TOLERANCE_NANOS
            && clocks.monotonicNanos() - before < TOLERANCE_NANOS / 2) {
          onDrift(before, drift);
        }
      } finally {
        checking.set(false);
      }
    }
  }

  private void onDrift(long monotonic, long drift) {
    long suspended = customTicker ? 0 : suspended(monotonic, drift);
    wallMinusMonotonic += drift;
    long suspendedBefore = suspendedNanos; // one thread at a time writes it
    suspendedNanos = suspendedBefore + suspended;
    long step = drift - suspended;
    if (Math.abs(step) > TOLERANCE_NANOS / 2) {
      leadNanos += step;
      LOG.log(
          Level.INFO,
          "the wall clock was set by " + Duration.ofNanos(step) + "; expiration times follow it");
      stepListener.accept(leadNanos);
    }
  }

  private long suspended(long monotonic, long drift) {
    long boot = clocks.bootNanos();
    if (boot == SystemClocks.UNKNOWN) {
      return Math.max(0, drift);
    }
    long suspendedNow = boot - monotonic - bootMinusMonotonic;
    bootMinusMonotonic += suspendedNow;
    return suspendedNow > TOLERANCE_NANOS / 2 ? suspendedNow : 0;
  }
}
