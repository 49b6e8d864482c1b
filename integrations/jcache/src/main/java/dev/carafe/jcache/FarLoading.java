package dev.carafe.jcache;

import dev.carafe.redis.CarafeNearCache;
import javax.cache.integration.CacheLoader;
import org.jspecify.annotations.Nullable;

/**
 * Reads of a cache with a far side.
 *
 * @param loader loads misses; null unless the cache is read-through
 */
record FarLoading<K, V>(CarafeNearCache<K, V> near, @Nullable CacheLoader<K, V> loader) {
  /** Reads or loads a value, and notes whether it was loaded by this call. */
  @Nullable V get(K key, boolean[] loaded) {
    CacheLoader<K, V> from = loader;
    return from == null
        ? near.get(key)
        : near.get(
            key,
            absent -> {
              loaded[0] = true;
              return Loading.guarded(absent, from::load);
            });
  }
}
