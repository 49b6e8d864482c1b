package dev.carafe.tier;

import java.util.concurrent.TimeUnit;

/**
 * A token bucket for the bytes that a file tier writes. It fills at the rate of the budget, and
 * each byte that the device gets empties it, whatever the byte belongs to. A value that need not be
 * written is written only while the bucket is not empty. So within an hour at most the part of the
 * budget of that hour is written, and what the bucket holds when it is full: a fortieth more. Bytes
 * that must be written can empty it further, to minus the budget of an hour.
 *
 * <p>Not thread-safe.
 *
 * <p>Proved by {@code TokenBucketTest}.
 */
final class TokenBucket {
  private static final double NANOS_PER_HOUR = TimeUnit.HOURS.toNanos(1);
  private static final int HOURS_PER_DAY = 24;
  private static final int FULL_SHARE = 40; // of an hour

  private final double bytesPerHour;
  private double tokens;
  private long filledAtNanos;
  private long spentBytes;

  /**
   * Creates a full bucket.
   *
   * @param bytesPerDay the budget
   * @param nowNanos the time
   * @param writtenBytes what was written so far, which is not part of the budget
   */
  TokenBucket(long bytesPerDay, long nowNanos, long writtenBytes) {
    this.bytesPerHour = (double) bytesPerDay / HOURS_PER_DAY;
    this.tokens = bytesPerHour / FULL_SHARE;
    this.filledAtNanos = nowNanos;
    this.spentBytes = writtenBytes;
  }

  /**
   * Returns whether a value may be written.
   *
   * @param nowNanos the time; an earlier one than that of the last call adds nothing
   * @param writtenBytes what was written and appended so far
   */
  boolean admits(long nowNanos, long writtenBytes) {
    double elapsed = Math.max(0, nowNanos - filledAtNanos);
    filledAtNanos = Math.max(filledAtNanos, nowNanos);
    double filled =
        Math.min(bytesPerHour / FULL_SHARE, tokens + elapsed / NANOS_PER_HOUR * bytesPerHour);
    tokens = Math.max(-bytesPerHour, filled - Math.max(0, writtenBytes - spentBytes));
    spentBytes = Math.max(spentBytes, writtenBytes);
    return tokens > 0;
  }
}
