package dev.carafe.spi;

import com.github.benmanes.caffeine.cache.CacheLoader;
import dev.carafe.Carafe;
import dev.carafe.LoadingCarafe;

/** An engine, found by {@link java.util.ServiceLoader}. */
public interface CarafeEngine {
  /**
   * Opens a cache.
   *
   * @param spec what was asked for, checked
   * @param <K> keys
   * @param <V> values
   * @return an open cache
   */
  <K, V> Carafe<K, V> open(CarafeSpec<K, V> spec);

  /**
   * Opens a cache that loads what it misses.
   *
   * @param spec what was asked for, checked
   * @param loader loads what is missing
   * @param <K> keys
   * @param <V> values
   * @return an open cache
   */
  <K, V> LoadingCarafe<K, V> open(CarafeSpec<K, V> spec, CacheLoader<? super K, V> loader);
}
