package dev.carafe.spi;

import com.github.benmanes.caffeine.cache.Expiry;
import java.time.Duration;

/**
 * The same time to live for every entry, which needs no value to be looked at.
 *
 * @param duration how long an entry lives
 * @param renewedByReads whether a read starts it anew
 */
public record FixedExpiry(Duration duration, boolean renewedByReads)
    implements Expiry<Object, Object> {
  /** Checks the duration. */
  public FixedExpiry {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("duration is " + duration + " but must not be negative");
    }
  }

  /**
   * The duration, as far as 292 years go.
   *
   * @return nanoseconds
   */
  public long nanos() {
    try {
      return duration.toNanos();
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }

  @Override
  public long expireAfterCreate(Object key, Object value, long currentTime) {
    return nanos();
  }

  @Override
  public long expireAfterUpdate(Object key, Object value, long currentTime, long currentDuration) {
    return nanos();
  }

  @Override
  public long expireAfterRead(Object key, Object value, long currentTime, long currentDuration) {
    return renewedByReads ? nanos() : currentDuration;
  }

  @Override
  public String toString() {
    return duration.toString();
  }
}
