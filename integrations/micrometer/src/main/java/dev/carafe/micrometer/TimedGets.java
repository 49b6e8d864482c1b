package dev.carafe.micrometer;

import dev.carafe.Carafe;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a cache, and times each read by its outcome: the meter {@code carafe.get.duration} with the
 * tags {@code cache} and {@code outcome}. Only reads through this object are timed; two readings of
 * the clock and a recording add to each.
 *
 * <p>The outcomes: {@code hit}, in memory or in the file, or after the load of another thread;
 * {@code load}, by this call's loader; {@code miss}; {@code failure}, an exception. Thread-safe.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public final class TimedGets<K, V> {
  private static final String NAME = "carafe.get.duration";

  private final Carafe<K, V> cache;
  private final Timer hit;
  private final Timer load;
  private final Timer miss;
  private final Timer failure;

  /**
   * Registers the meters.
   *
   * @param registry receives the meters; its filters set percentiles and histograms
   * @param cache the cache; it is held, so that closing it is the caller's task as before
   * @param cacheName the value of the tag {@code cache}
   * @param tags further tags of each meter, as keys and values
   */
  public TimedGets(MeterRegistry registry, Carafe<K, V> cache, String cacheName, String... tags) {
    this.cache = Objects.requireNonNull(cache, "cache");
    Tags all = Tags.of(tags).and("cache", Objects.requireNonNull(cacheName, "cacheName"));
    this.hit = timer(registry, all, "hit");
    this.load = timer(registry, all, "load");
    this.miss = timer(registry, all, "miss");
    this.failure = timer(registry, all, "failure");
  }

  private static Timer timer(MeterRegistry registry, Tags tags, String outcome) {
    return Timer.builder(NAME)
        .description("The duration of a read, by outcome")
        .tags(tags.and("outcome", outcome))
        .register(registry);
  }

  /**
   * Reads a value, as {@link Carafe#getIfPresent}.
   *
   * @param key the key
   * @return the value, null if there is none
   */
  public @Nullable V getIfPresent(K key) {
    long start = System.nanoTime();
    Timer outcome = failure;
    try {
      V value = cache.getIfPresent(key);
      outcome = value == null ? miss : hit;
      return value;
    } finally {
      outcome.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    }
  }

  /**
   * Reads or loads a value, as {@link Carafe#get}.
   *
   * @param key the key
   * @param loader loads the value of a key; a null is a miss
   * @return the value, null if the loader returned null
   */
  public @Nullable V get(K key, Function<? super K, ? extends @Nullable V> loader) {
    Objects.requireNonNull(loader, "loader");
    boolean[] loaded = {false};
    long start = System.nanoTime();
    Timer outcome = failure;
    try {
      V value =
          cache.get(
              key,
              missing -> {
                loaded[0] = true;
                return loader.apply(missing);
              });
      outcome = value == null ? miss : loaded[0] ? load : hit;
      return value;
    } finally {
      outcome.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    }
  }
}
