package dev.carafe.cache.keyed;

import dev.carafe.AsyncLoadingCarafe;
import dev.carafe.LoadingCarafe;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A cache of futures of the application's keys that loads missing values. */
final class KeyedAsyncLoadingCarafe<K, V> extends KeyedAsyncCarafe<K, V>
    implements AsyncLoadingCarafe<K, V> {
  private final AsyncLoadingCarafe<Key<K>, V> inner;

  KeyedAsyncLoadingCarafe(KeyCodec<K> keys, AsyncLoadingCarafe<Key<K>, V> inner) {
    super(keys, inner);
    this.inner = inner;
  }

  @Override
  public CompletableFuture<V> get(K key) {
    return keys.call(key, inner::get);
  }

  @Override
  public CompletableFuture<Map<K, V>> getAll(Iterable<? extends K> objects) {
    return getAllBy(objects, inner::getAll);
  }

  @Override
  public LoadingCarafe<K, V> synchronous() {
    return new KeyedLoadingCarafe<>(keys, inner.synchronous());
  }
}
