package dev.carafe.spi;

import com.github.benmanes.caffeine.cache.RemovalListener;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What of the application's runs inside the cache, beside codecs, loaders and expiry.
 *
 * @param removal told of what has left the cache
 * @param eviction told of what is evicted from the cache
 * @param executor runs loads, refreshes and the removal listener
 * @param <K> keys
 * @param <V> values
 */
public record Hooks<K, V>(
    @Nullable RemovalListener<K, V> removal,
    @Nullable RemovalListener<K, V> eviction,
    Executor executor) {
  /**
   * Nobody is told.
   *
   * @param <K> keys
   * @param <V> values
   * @return no listener, and an executor that runs what it is given at once
   */
  public static <K, V> Hooks<K, V> none() {
    return new Hooks<>(null, null, Runnable::run);
  }
}
