package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.CacheLoader;
import java.util.Map;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A cache whose reads refresh old values. A separate class, so that reads of other caches need no
 * check.
 */
final class RefreshingCarafeCache<K, V> extends LoadingCarafeCache<K, V> {
  private final MapView<K, V> refreshingMap;

  RefreshingCarafeCache(CacheContext<K, V> context, CacheLoader<? super K, V> loader) {
    super(context, loader);
    this.refreshingMap =
        new MapView<>(context) {
          @Override
          public @Nullable V get(@Nullable Object key) {
            V value = super.get(key);
            if (value != null && key != null) {
              refreshes.afterRead(cast(key), value);
            }
            return value;
          }
        };
  }

  @Override
  public @Nullable V getIfPresent(K key) {
    return read(key, super.getIfPresent(key));
  }

  @Override
  @SuppressWarnings("NullAway") // null exactly when the mapping function returns null
  public V get(K key, Function<? super K, ? extends V> mappingFunction) {
    return read(key, super.get(key, mappingFunction));
  }

  private @Nullable V read(K key, @Nullable V value) {
    if (value != null) {
      refreshes.afterRead(key, value);
    }
    return value;
  }

  @Override
  public Map<K, V> getAllPresent(Iterable<? extends K> keys) {
    Map<K, V> found = super.getAllPresent(keys);
    found.forEach(refreshes::afterRead);
    return found;
  }

  @Override
  public ConcurrentMap<K, V> asMap() {
    context.checkOpen();
    return refreshingMap;
  }
}
