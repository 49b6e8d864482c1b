package dev.carafe.cache.keyed;

import com.github.benmanes.caffeine.cache.AsyncCacheLoader;
import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalListener;
import dev.carafe.AsyncCarafe;
import dev.carafe.AsyncLoadingCarafe;
import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.LoadingCarafe;
import dev.carafe.spi.CacheEngine;
import dev.carafe.spi.CarafeSpec;
import dev.carafe.spi.EqualByBytes;
import dev.carafe.spi.Hooks;
import dev.carafe.spi.Timing;
import org.jspecify.annotations.Nullable;

/** Opens caches whose keys are compared by their bytes, and not by {@code equals}. */
public final class KeyedCaches {
  private KeyedCaches() {}

  /**
   * Returns whether a cache must compare keys by their bytes.
   *
   * @param spec the application's specification
   * @return false if {@code equals} gives the same result
   */
  public static boolean needsBytes(CarafeSpec<?, ?> spec) {
    return !(spec.keyCodec() instanceof EqualByBytes);
  }

  /**
   * Returns whether a codec is that of the wrapped keys, which compares arrays only.
   *
   * @param codec any codec
   * @return whether this class wrapped the keys
   */
  public static boolean isKeyCodec(Codec<?> codec) {
    return codec instanceof KeyCodec;
  }

  /**
   * Opens a cache.
   *
   * @param spec the application's specification
   * @param engine opens the underlying cache
   * @param <K> the application's keys
   * @param <V> values
   * @return a cache of the application's keys
   */
  public static <K, V> Carafe<K, V> open(CarafeSpec<K, V> spec, CacheEngine engine) {
    KeyCodec<K> keys = new KeyCodec<>(spec.keyCodec());
    return new KeyedCarafe<>(keys, engine.open(keyed(spec, keys)));
  }

  /**
   * Opens a cache that loads missing values.
   *
   * @param spec the application's specification
   * @param loader the application's loader
   * @param engine opens the underlying cache
   * @param <K> the application's keys
   * @param <V> values
   * @return a cache of the application's keys
   */
  public static <K, V> LoadingCarafe<K, V> open(
      CarafeSpec<K, V> spec, CacheLoader<? super K, V> loader, CacheEngine engine) {
    KeyCodec<K> keys = new KeyCodec<>(spec.keyCodec());
    return new KeyedLoadingCarafe<>(
        keys, engine.open(keyed(spec, keys), KeyedLoader.of(keys, loader)));
  }

  /**
   * Opens a cache of futures.
   *
   * @param spec the application's specification
   * @param engine opens the underlying cache
   * @param <K> the application's keys
   * @param <V> values
   * @return a cache of the application's keys
   */
  public static <K, V> AsyncCarafe<K, V> openAsync(CarafeSpec<K, V> spec, CacheEngine engine) {
    KeyCodec<K> keys = new KeyCodec<>(spec.keyCodec());
    return new KeyedAsyncCarafe<>(keys, engine.openAsync(keyed(spec, keys)));
  }

  /**
   * Opens a cache of futures that loads missing values.
   *
   * @param spec the application's specification
   * @param loader the application's loader
   * @param engine opens the underlying cache
   * @param <K> the application's keys
   * @param <V> values
   * @return a cache of the application's keys
   */
  public static <K, V> AsyncLoadingCarafe<K, V> openAsync(
      CarafeSpec<K, V> spec, AsyncCacheLoader<? super K, V> loader, CacheEngine engine) {
    KeyCodec<K> keys = new KeyCodec<>(spec.keyCodec());
    return new KeyedAsyncLoadingCarafe<>(
        keys, engine.openAsync(keyed(spec, keys), KeyedLoader.of(keys, loader)));
  }

  private static <K, V> CarafeSpec<Key<K>, V> keyed(CarafeSpec<K, V> spec, KeyCodec<K> keys) {
    Hooks<K, V> hooks = spec.hooks();
    Timing timing = spec.timing();
    Expiry<Object, Object> expiry = timing.expiry();
    return new CarafeSpec<>(
        keys,
        spec.valueCodec(),
        spec.memory(),
        spec.file(),
        expiry == null ? timing : timing.withExpiry(KeyedExpiration.of(expiry)),
        new Hooks<>(keyed(hooks.removal()), keyed(hooks.eviction()), hooks.executor()),
        spec.stats(),
        spec.writeBudget(),
        spec.missRatioCurve());
  }

  private static <K, V> @Nullable RemovalListener<Key<K>, V> keyed(
      @Nullable RemovalListener<K, V> listener) {
    return listener == null
        ? null
        : (key, value, cause) ->
            listener.onRemoval(key == null ? null : key.decoded(), value, cause);
  }
}
