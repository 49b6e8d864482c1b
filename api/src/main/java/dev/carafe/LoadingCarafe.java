package dev.carafe;

import com.github.benmanes.caffeine.cache.LoadingCache;

/**
 * A {@link Carafe} that loads missing values.
 *
 * @param <K> keys
 * @param <V> values
 */
public interface LoadingCarafe<K, V> extends Carafe<K, V>, LoadingCache<K, V> {}
