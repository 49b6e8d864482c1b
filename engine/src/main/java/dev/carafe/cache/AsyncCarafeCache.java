package dev.carafe.cache;

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
 * The implementation of the public interface of an asynchronous cache.
 *
 * @param <K> keys
 * @param <V> values
 */
class AsyncCarafeCache<K, V> implements AsyncCarafe<K, V> {
  final CacheContext<K, V> context;
  final AsyncLoads<K, V> loads;
  private final AsyncBulkLoads<K, V> bulk;
  private final AsyncMapView<K, V> map;
  private final Carafe<K, V> synchronousView;

  AsyncCarafeCache(CacheContext<K, V> context) {
    this.context = context;
    this.loads = new AsyncLoads<>(context);
    this.bulk = new AsyncBulkLoads<>(context, loads);
    this.map = new AsyncMapView<>(context, loads);
    this.synchronousView = new SynchronousCarafeCache<>(context, loads);
  }

  @Override
  public @Nullable CompletableFuture<V> getIfPresent(K key) {
    return loads.present(requireNonNull(key, "key"));
  }

  @Override
  public CompletableFuture<V> get(K key, Function<? super K, ? extends V> mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    return loads.get(
        requireNonNull(key, "key"),
        (k, executor) ->
            CompletableFuture.<@Nullable V>supplyAsync(() -> mappingFunction.apply(k), executor));
  }

  @Override
  public CompletableFuture<V> get(
      K key,
      BiFunction<? super K, ? super Executor, ? extends CompletableFuture<? extends V>>
          mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    return loads.get(requireNonNull(key, "key"), mappingFunction::apply);
  }

  @Override
  public CompletableFuture<Map<K, V>> getAll(
      Iterable<? extends K> keys,
      Function<? super Set<? extends K>, ? extends Map<? extends K, ? extends V>> mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    return bulk.getAll(
        BulkLoads.distinct(keys),
        (wanted, executor) ->
            CompletableFuture.supplyAsync(() -> mappingFunction.apply(wanted), executor));
  }

  @Override
  public CompletableFuture<Map<K, V>> getAll(
      Iterable<? extends K> keys,
      BiFunction<
              ? super Set<? extends K>,
              ? super Executor,
              ? extends CompletableFuture<? extends Map<? extends K, ? extends V>>>
          mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    return bulk.getAll(BulkLoads.distinct(keys), mappingFunction::apply);
  }

  @Override
  public void put(K key, CompletableFuture<? extends V> valueFuture) {
    loads.put(requireNonNull(key, "key"), requireNonNull(valueFuture, "valueFuture"));
  }

  @Override
  public ConcurrentMap<K, CompletableFuture<V>> asMap() {
    context.checkOpen();
    return map;
  }

  @Override
  public Carafe<K, V> synchronous() {
    return synchronousView;
  }

  @Override
  public void close() {
    context.close();
  }

  @Override
  public String toString() {
    return "Async" + synchronousView;
  }
}
