package dev.carafe.cache;

import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The synchronous view of an asynchronous cache. It throws checked exceptions wrapped, as a future
 * does.
 */
class SynchronousCarafeCache<K, V> extends CarafeCache<K, V> {
  SynchronousCarafeCache(CacheContext<K, V> context, AsyncLoads<K, V> loads) {
    super(context, new SynchronousMapView<>(context, loads));
  }

  @Override
  public V get(K key, Function<? super K, ? extends V> mappingFunction) {
    return super.get(key, LoadFailures.wrapping(mappingFunction));
  }

  @Override
  public Map<K, V> getAll(
      Iterable<? extends K> keys,
      Function<? super Set<? extends K>, ? extends Map<? extends K, ? extends V>> mappingFunction) {
    return super.getAll(keys, LoadFailures.wrapping(mappingFunction));
  }
}
