package dev.carafe.spi;

import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When entries end, and when they are loaded anew.
 *
 * @param expiry when entries expire, if they do
 * @param refreshAfterWrite how old a value may be before a read refreshes it, if at all
 * @param ticker the clock
 * @param scheduler removes what has expired promptly, if there is one
 */
public record Timing(
    @Nullable Expiry<Object, Object> expiry,
    @Nullable Duration refreshAfterWrite,
    Ticker ticker,
    @Nullable Scheduler scheduler) {
  /**
   * Nothing ends.
   *
   * @return no expiry and no refresh, by the system's ticker
   */
  public static Timing none() {
    return new Timing(null, null, Ticker.systemTicker(), null);
  }
}
