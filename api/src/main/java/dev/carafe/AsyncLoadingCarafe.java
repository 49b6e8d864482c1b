package dev.carafe;

import com.github.benmanes.caffeine.cache.AsyncLoadingCache;

/**
 * An {@link AsyncCarafe} that loads missing values.
 *
 * @param <K> keys
 * @param <V> values
 */
public interface AsyncLoadingCarafe<K, V> extends AsyncCarafe<K, V>, AsyncLoadingCache<K, V> {
  @Override
  LoadingCarafe<K, V> synchronous();
}
