package dev.carafe.cache.keyed;

import static java.util.Objects.requireNonNull;

import dev.carafe.AsyncCarafe;
import dev.carafe.Carafe;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A cache of futures of the application's keys.
 *
 * @param <K> the application's keys
 * @param <V> values
 */
class KeyedAsyncCarafe<K, V> implements AsyncCarafe<K, V> {
  final KeyCodec<K> keys;
  private final AsyncCarafe<Key<K>, V> inner;

  KeyedAsyncCarafe(KeyCodec<K> keys, AsyncCarafe<Key<K>, V> inner) {
    this.keys = keys;
    this.inner = inner;
  }

  @Override
  public @Nullable CompletableFuture<V> getIfPresent(K key) {
    return keys.<@Nullable CompletableFuture<V>>call(key, inner::getIfPresent);
  }

  @Override
  public CompletableFuture<V> get(K key, Function<? super K, ? extends V> mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    Function<Key<K>, V> mapping = wrapped -> mappingFunction.apply(wrapped.object());
    return keys.call(key, k -> inner.get(k, mapping));
  }

  @Override
  public CompletableFuture<V> get(
      K key,
      BiFunction<? super K, ? super Executor, ? extends CompletableFuture<? extends V>>
          mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    BiFunction<Key<K>, Executor, CompletableFuture<? extends V>> mapping =
        (wrapped, executor) -> mappingFunction.apply(wrapped.object(), executor);
    return keys.call(key, k -> inner.get(k, mapping));
  }

  @Override
  @SuppressWarnings("NullAway") // the cache rejects a null map
  public CompletableFuture<Map<K, V>> getAll(
      Iterable<? extends K> objects,
      Function<? super Set<? extends K>, ? extends Map<? extends K, ? extends V>> mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    Function<Set<? extends Key<K>>, Map<Key<K>, V>> mapping =
        missing -> keys.wrapKeys(mappingFunction.apply(keys.objects(missing)));
    return getAllBy(objects, all -> inner.getAll(all, mapping));
  }

  @Override
  @SuppressWarnings("NullAway") // the cache rejects a null map
  public CompletableFuture<Map<K, V>> getAll(
      Iterable<? extends K> objects,
      BiFunction<
              ? super Set<? extends K>,
              ? super Executor,
              ? extends CompletableFuture<? extends Map<? extends K, ? extends V>>>
          mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    BiFunction<Set<? extends Key<K>>, Executor, CompletableFuture<Map<Key<K>, V>>> mapping =
        (missing, executor) ->
            KeyedLoader.wrapKeys(keys, mappingFunction.apply(keys.objects(missing), executor));
    return getAllBy(objects, all -> inner.getAll(all, mapping));
  }

  final CompletableFuture<Map<K, V>> getAllBy(
      Iterable<? extends K> objects,
      Function<Set<Key<K>>, CompletableFuture<Map<Key<K>, V>>> step) {
    Set<Key<K>> requested = keys.all(objects);
    return keys.callAll(requested, step).thenApply(found -> keys.found(requested, found));
  }

  @Override
  public void put(K key, CompletableFuture<? extends V> valueFuture) {
    keys.run(key, k -> inner.put(k, valueFuture));
  }

  @Override
  public ConcurrentMap<K, CompletableFuture<V>> asMap() {
    return new KeyedMap<>(keys, inner.asMap(), Key::decoded);
  }

  @Override
  public Carafe<K, V> synchronous() {
    return new KeyedCarafe<>(keys, inner.synchronous());
  }

  @Override
  public void close() {
    inner.close();
  }

  @Override
  public String toString() {
    return inner.toString();
  }
}
