package dev.carafe.cache.keyed;

import dev.carafe.LoadingCarafe;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A cache of the application's keys that loads missing values. */
final class KeyedLoadingCarafe<K, V> extends KeyedCarafe<K, V> implements LoadingCarafe<K, V> {
  private final LoadingCarafe<Key<K>, V> inner;

  KeyedLoadingCarafe(KeyCodec<K> keys, LoadingCarafe<Key<K>, V> inner) {
    super(keys, inner);
    this.inner = inner;
  }

  @Override
  public V get(K key) {
    return keys.call(key, inner::get);
  }

  @Override
  public Map<K, V> getAll(Iterable<? extends K> objects) {
    Set<Key<K>> requested = keys.all(objects);
    return found(requested, keys.callAll(requested, inner::getAll));
  }

  @Override
  public CompletableFuture<V> refresh(K key) {
    return keys.call(key, inner::refresh);
  }

  @Override
  public CompletableFuture<Map<K, V>> refreshAll(Iterable<? extends K> objects) {
    Set<Key<K>> requested = keys.all(objects);
    return keys.callAll(requested, inner::refreshAll)
        .thenApply(refreshed -> found(requested, refreshed));
  }
}
