package dev.carafe.spi;

import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The times at which entries expire, are refreshed, and are saved to the file.
 *
 * @param expiry when entries expire, if they do
 * @param refreshAfterWrite how old a value may be before a read refreshes it, if at all
 * @param ticker the clock
 * @param scheduler removes expired entries promptly, if there is one
 * @param persistWithin how long a change may be in memory only
 */
public record Timing(
    @Nullable Expiry<Object, Object> expiry,
    @Nullable Duration refreshAfterWrite,
    Ticker ticker,
    @Nullable Scheduler scheduler,
    Duration persistWithin) {
  /** The default of {@link #persistWithin}. */
  public static final Duration DEFAULT_PERSIST_WITHIN = Duration.ofSeconds(10);

  /**
   * No expiry and no refresh.
   *
   * @return no expiry and no refresh, by the system's ticker
   */
  public static Timing none() {
    return new Timing(null, null, Ticker.systemTicker(), null, DEFAULT_PERSIST_WITHIN);
  }

  /**
   * The same with another expiry.
   *
   * @param other when entries expire
   * @return a copy
   */
  public Timing withExpiry(Expiry<Object, Object> other) {
    return new Timing(other, refreshAfterWrite, ticker, scheduler, persistWithin);
  }
}
