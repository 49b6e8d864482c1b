package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;

/**
 * The clock that tells when entries end: set to the wall clock when the cache is opened, and run by
 * the ticker from then on, so it never steps (contract R6).
 *
 * <p>A caller that asks for the time compares it with the wall clock, at most every {@value
 * #LOOK_MILLIS} ms. If the wall clock has moved against the monotonic one, either the machine was
 * suspended, and this clock moves on by that time, or the wall clock was set: then its lead over
 * this clock has changed, which the file is told, so that ends can be compared after a restart.
 * Where the system can't tell the two apart, a jump forward counts as time that has passed.
 *
 * <p>An application's own ticker is the clock as long as the cache is open, as in Caffeine: only
 * the wall clock's lead is followed.
 */
final class MonotonicClock {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final long CHECK_MILLIS = 50;
  private static final long CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(CHECK_MILLIS);

  /** What a clock that is slewed, and two readings in a row, may differ by. */
  private static final long TOLERANCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Ticker ticker;
  private final boolean ownTicker;
  private final SystemClocks clocks;
  private final long epochMinusTicker;
  private final AtomicBoolean checking = new AtomicBoolean();
  private volatile long nextCheckNanos;
  private volatile long suspendedNanos;
  private volatile LongConsumer stepListener = lead -> {};
  private long wallMinusMonotonic; // of who is looking, as are the next two
  private long bootMinusMonotonic;
  private long leadNanos;

  MonotonicClock(Ticker ticker, SystemClocks clocks) {
    this.ticker = ticker;
    this.ownTicker = ticker != Ticker.systemTicker();
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

  /** Says who is told of the wall clock's lead over this clock when it changes. */
  void onStep(LongConsumer listener) {
    this.stepListener = listener;
  }

  /** The ticker, and the time for which it stood. */
  long tickerNanos() {
    long now = ticker.read();
    if (now - nextCheckNanos >= 0) {
      nextCheckNanos = now + CHECK_NANOS;
      checkForStep();
    }
    return now + suspendedNanos;
  }

  /** Nanoseconds since the epoch. */
  long nowNanos() {
    return tickerNanos() + epochMinusTicker;
  }

  /** Looks at the wall clock now. */
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
    long suspended = ownTicker ? 0 : suspended(monotonic, drift);
    wallMinusMonotonic += drift;
    long suspendedBefore = suspendedNanos; // one thread at a time writes it
    suspendedNanos = suspendedBefore + suspended;
    long step = drift - suspended;
    if (Math.abs(step) > TOLERANCE_NANOS / 2) {
      leadNanos += step;
      LOG.log(
          Level.INFO,
          "the wall clock was set by " + Duration.ofNanos(step) + "; expiry follows it");
      stepListener.accept(leadNanos);
    }
  }

  private long suspended(long monotonic, long drift) {
    long boot = clocks.bootNanos();
    if (boot == SystemClocks.UNKNOWN) {
      return Math.max(0, drift);
    }
    long stood = boot - monotonic - bootMinusMonotonic;
    bootMinusMonotonic += stood;
    return stood > TOLERANCE_NANOS / 2 ? stood : 0;
  }
}
