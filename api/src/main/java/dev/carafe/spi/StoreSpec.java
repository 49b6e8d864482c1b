package dev.carafe.spi;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.carafe.FileOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The checked settings of a store.
 *
 * @param memory the limits of the memory of all caches together
 * @param file the file tier, if there is one
 * @param persistWithin how long a change may be in memory only
 * @param ticker the clock of expiry and refresh
 * @param writeBudget the limit of the bytes that the file gets; null for none
 */
public record StoreSpec(
    MemoryLimits memory,
    @Nullable FileOptions file,
    Duration persistWithin,
    Ticker ticker,
    @Nullable WriteBudget writeBudget) {

  /**
   * Creates the settings of a store without a write budget.
   *
   * @param memory the limits of the memory of all caches together
   * @param file the file tier, if there is one
   * @param persistWithin how long a change may be in memory only
   * @param ticker the clock of expiry and refresh
   */
  public StoreSpec(
      MemoryLimits memory, @Nullable FileOptions file, Duration persistWithin, Ticker ticker) {
    this(memory, file, persistWithin, ticker, null);
  }
}
