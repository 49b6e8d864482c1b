package dev.carafe.spi;

import com.github.benmanes.caffeine.cache.RemovalListener;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The application's callbacks, other than codecs, loaders and expiry.
 *
 * @param removal notified of values that have left the cache
 * @param eviction notified of evicted values
 * @param executor runs loads, refreshes and the removal listener
 * @param <K> keys
 * @param <V> values
 */
public record Hooks<K, V>(
    @Nullable RemovalListener<K, V> removal,
    @Nullable RemovalListener<K, V> eviction,
    Executor executor) {
  /**
   * No listeners.
   *
   * @param <K> keys
   * @param <V> values
   * @return no listener, and an executor that runs each task at once on the calling thread
   */
  public static <K, V> Hooks<K, V> none() {
    return new Hooks<>(null, null, Runnable::run);
  }
}
