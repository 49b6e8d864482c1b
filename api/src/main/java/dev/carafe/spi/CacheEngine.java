package dev.carafe.spi;

import com.github.benmanes.caffeine.cache.AsyncCacheLoader;
import com.github.benmanes.caffeine.cache.CacheLoader;
import dev.carafe.AsyncCarafe;
import dev.carafe.AsyncLoadingCarafe;
import dev.carafe.Carafe;
import dev.carafe.LoadingCarafe;

/** Opens caches. */
public interface CacheEngine {
  /**
   * Opens a cache.
   *
   * @param spec the checked settings
   * @param <K> keys
   * @param <V> values
   * @return an open cache
   */
  <K, V> Carafe<K, V> open(CarafeSpec<K, V> spec);

  /**
   * Opens a cache that loads missing values.
   *
   * @param spec the checked settings
   * @param loader loads a missing value
   * @param <K> keys
   * @param <V> values
   * @return an open cache
   */
  <K, V> LoadingCarafe<K, V> open(CarafeSpec<K, V> spec, CacheLoader<? super K, V> loader);

  /**
   * Opens an asynchronous cache.
   *
   * @param spec the checked settings
   * @param <K> keys
   * @param <V> values
   * @return an open cache
   */
  <K, V> AsyncCarafe<K, V> openAsync(CarafeSpec<K, V> spec);

  /**
   * Opens an asynchronous cache that loads missing values.
   *
   * @param spec the checked settings
   * @param loader loads a missing value
   * @param <K> keys
   * @param <V> values
   * @return an open cache
   */
  <K, V> AsyncLoadingCarafe<K, V> openAsync(
      CarafeSpec<K, V> spec, AsyncCacheLoader<? super K, V> loader);
}
