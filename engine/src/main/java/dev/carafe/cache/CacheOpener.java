package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.AsyncCacheLoader;
import com.github.benmanes.caffeine.cache.CacheLoader;
import dev.carafe.AsyncCarafe;
import dev.carafe.AsyncLoadingCarafe;
import dev.carafe.Carafe;
import dev.carafe.LoadingCarafe;
import dev.carafe.cache.keyed.KeyedCaches;
import dev.carafe.spi.CacheEngine;
import dev.carafe.spi.CarafeSpec;

/**
 * Opens the views of a cache that the application chooses: with a loader, with futures, or both.
 */
abstract class CacheOpener implements CacheEngine {
  /** Opens the cache. */
  abstract <K, V> CacheContext<K, V> assemble(CarafeSpec<K, V> spec);

  @Override
  public <K, V> Carafe<K, V> open(CarafeSpec<K, V> spec) {
    return KeyedCaches.needsBytes(spec)
        ? KeyedCaches.open(spec, this)
        : new CarafeCache<>(assemble(spec));
  }

  @Override
  public <K, V> LoadingCarafe<K, V> open(CarafeSpec<K, V> spec, CacheLoader<? super K, V> loader) {
    if (KeyedCaches.needsBytes(spec)) {
      return KeyedCaches.open(spec, loader, this);
    }
    CacheContext<K, V> context = assemble(spec);
    return spec.timing().refreshAfterWrite() == null
        ? new LoadingCarafeCache<>(context, loader)
        : new RefreshingCarafeCache<>(context, loader);
  }

  @Override
  public <K, V> AsyncCarafe<K, V> openAsync(CarafeSpec<K, V> spec) {
    return KeyedCaches.needsBytes(spec)
        ? KeyedCaches.openAsync(spec, this)
        : new AsyncCarafeCache<>(assemble(spec));
  }

  @Override
  public <K, V> AsyncLoadingCarafe<K, V> openAsync(
      CarafeSpec<K, V> spec, AsyncCacheLoader<? super K, V> loader) {
    return KeyedCaches.needsBytes(spec)
        ? KeyedCaches.openAsync(spec, loader, this)
        : new AsyncLoadingCarafeCache<>(assemble(spec), loader);
  }
}
