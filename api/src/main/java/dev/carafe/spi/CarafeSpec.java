package dev.carafe.spi;

import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The checked settings of a builder.
 *
 * @param keyCodec names keys in the file
 * @param valueCodec turns values into bytes
 * @param memory the limits of values and index in memory
 * @param file the file tier, if there is one
 * @param timing when entries expire and are refreshed
 * @param hooks the application's callbacks
 * @param stats creates the counter of Caffeine's statistics
 * @param writeBudget the limit of the bytes that the file gets; null for none
 * @param missRatioCurve whether the hit ratios of other sizes are estimated
 * @param <K> keys
 * @param <V> values
 */
public record CarafeSpec<K, V>(
    Codec<K> keyCodec,
    Codec<V> valueCodec,
    MemoryLimits memory,
    @Nullable FileOptions file,
    Timing timing,
    Hooks<K, V> hooks,
    Supplier<? extends StatsCounter> stats,
    @Nullable WriteBudget writeBudget,
    boolean missRatioCurve) {

  /**
   * Creates the settings of a cache without a write budget and a miss-ratio curve.
   *
   * @param keyCodec names keys in the file
   * @param valueCodec turns values into bytes
   * @param memory the limits of values and index in memory
   * @param file the file tier, if there is one
   * @param timing when entries expire and are refreshed
   * @param hooks the application's callbacks
   * @param stats creates the counter of Caffeine's statistics
   */
  public CarafeSpec(
      Codec<K> keyCodec,
      Codec<V> valueCodec,
      MemoryLimits memory,
      @Nullable FileOptions file,
      Timing timing,
      Hooks<K, V> hooks,
      Supplier<? extends StatsCounter> stats) {
    this(keyCodec, valueCodec, memory, file, timing, hooks, stats, null, false);
  }

  /**
   * Returns the same settings with other limits.
   *
   * @param limits the limits of memory
   * @return a copy
   */
  public CarafeSpec<K, V> withMemory(MemoryLimits limits) {
    return new CarafeSpec<>(
        keyCodec, valueCodec, limits, file, timing, hooks, stats, writeBudget, missRatioCurve);
  }

  /**
   * Returns the same settings in a store.
   *
   * @param store the settings of the store
   * @return a copy with the file, the clock and the bound of the store
   */
  public CarafeSpec<K, V> in(StoreSpec store) {
    Timing shared =
        new Timing(
            timing.expiry(),
            timing.refreshAfterWrite(),
            store.ticker(),
            timing.scheduler(),
            store.persistWithin());
    return new CarafeSpec<>(
        keyCodec,
        valueCodec,
        memory,
        store.file(),
        shared,
        hooks,
        stats,
        store.writeBudget(),
        missRatioCurve);
  }
}
