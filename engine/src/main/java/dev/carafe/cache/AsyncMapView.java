package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ConcurrentMap} view of both tiers with futures as values. A load under way is
 * represented by its future. A present value is represented by a completed future, which is created
 * for each caller, so that {@code remove(key, future)} and {@code replace(key, future, future)}
 * compare completed futures by their values.
 *
 * @param <K> keys
 * @param <V> values
 */
final class AsyncMapView<K, V> extends ConcurrentMapViews<K, CompletableFuture<V>> {
  private final CacheContext<K, V> context;
  private final AsyncLoads<K, V> loads;
  private final AsyncComputations<K, V> computations;

  AsyncMapView(CacheContext<K, V> context, AsyncLoads<K, V> loads) {
    this.context = context;
    this.loads = loads;
    this.computations = new AsyncComputations<>(context, loads);
  }

  @Override
  public @Nullable CompletableFuture<V> get(@Nullable Object key) {
    return loads.present(MapView.cast(requireNonNull(key, "key")));
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return computations.peek(MapView.cast(requireNonNull(key, "key"))) != null;
  }

  @Override
  public @Nullable CompletableFuture<V> put(K key, CompletableFuture<V> value) {
    requireNonNull(value, "value");
    return computations.update(requireNonNull(key, "key"), (k, before) -> value);
  }

  @Override
  public @Nullable CompletableFuture<V> remove(@Nullable Object key) {
    return computations.update(MapView.cast(requireNonNull(key, "key")), (k, before) -> null);
  }

  @Override
  public boolean remove(@Nullable Object key, @Nullable Object value) {
    CompletableFuture<V> before =
        computations.update(
            MapView.cast(requireNonNull(key, "key")),
            (k, seen) -> AsyncComputations.isSame(seen, value) ? null : seen);
    return AsyncComputations.isSame(before, value);
  }

  @Override
  public @Nullable CompletableFuture<V> putIfAbsent(K key, CompletableFuture<V> value) {
    requireNonNull(value, "value");
    return computations.update(
        requireNonNull(key, "key"), (k, before) -> before == null ? value : before);
  }

  @Override
  public @Nullable CompletableFuture<V> replace(K key, CompletableFuture<V> value) {
    requireNonNull(value, "value");
    return computations.update(
        requireNonNull(key, "key"), (k, before) -> before == null ? null : value);
  }

  @Override
  public boolean replace(K key, CompletableFuture<V> oldValue, CompletableFuture<V> newValue) {
    requireNonNull(newValue, "newValue");
    requireNonNull(oldValue, "oldValue");
    CompletableFuture<V> before =
        computations.update(
            requireNonNull(key, "key"),
            (k, seen) -> AsyncComputations.isSame(seen, oldValue) ? newValue : seen);
    return AsyncComputations.isSame(before, oldValue);
  }

  @Override
  @SuppressWarnings("NullAway") // null exactly when the function returns null, as in the interface
  public CompletableFuture<V> computeIfAbsent(
      K key, Function<? super K, ? extends CompletableFuture<V>> mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    return computations.updateAndGet(
        key, (k, before) -> before == null ? mappingFunction.apply(k) : before);
  }

  @Override
  public CompletableFuture<V> computeIfPresent(
      K key,
      BiFunction<? super K, ? super CompletableFuture<V>, ? extends CompletableFuture<V>>
          remappingFunction) {
    requireNonNull(remappingFunction, "remappingFunction");
    return computations.updateAndGet(
        key, (k, before) -> before == null ? null : remappingFunction.apply(k, before));
  }

  @Override
  public CompletableFuture<V> compute(
      K key,
      BiFunction<? super K, ? super @Nullable CompletableFuture<V>, ? extends CompletableFuture<V>>
          remappingFunction) {
    requireNonNull(remappingFunction, "remappingFunction");
    return computations.updateAndGet(key, remappingFunction::apply);
  }

  @Override
  public CompletableFuture<V> merge(
      K key,
      CompletableFuture<V> value,
      BiFunction<
              ? super CompletableFuture<V>,
              ? super CompletableFuture<V>,
              ? extends CompletableFuture<V>>
          remappingFunction) {
    requireNonNull(value, "value");
    requireNonNull(remappingFunction, "remappingFunction");
    return computations.updateAndGet(
        key, (k, before) -> before == null ? value : remappingFunction.apply(before, value));
  }

  @Override
  public void clear() {
    context.clear();
  }

  @Override
  public int size() {
    return expirations().size();
  }

  /** Lists the loads under way first, since a load that ends moves its value to the tiers. */
  @Override
  Map<K, Long> expirations() {
    Map<K, Long> ends = new LinkedHashMap<>();
    context
        .tiers()
        .cache
        .flights()
        .keysWithFutures()
        .forEach(key -> ends.put(key, Expiration.NEVER));
    context.expirations().forEach(ends::putIfAbsent);
    return ends;
  }

  @Override
  boolean isPresentUntil(K key, long expiresAtNanos) {
    Load load = context.tiers().cache.flights().get(key);
    return (load != null && load.future() != null) || context.isPresentUntil(key, expiresAtNanos);
  }

  @Override
  @Nullable CompletableFuture<V> peek(K key) {
    return computations.peek(key);
  }

  @Override
  @Nullable CompletableFuture<V> getQuietly(@Nullable Object key) {
    return computations.peek(MapView.cast(requireNonNull(key, "key")));
  }

  @Override
  boolean removeIf(K key, CompletableFuture<V> seen, Predicate<? super CompletableFuture<V>> test) {
    boolean[] removed = {false};
    var _ =
        computations.update(
            key,
            (k, before) -> {
              removed[0] =
                  before != null && (AsyncComputations.isSame(before, seen) || test.test(before));
              return removed[0] ? null : before;
            });
    return removed[0];
  }

  @Override
  void checkOpen() {
    context.checkOpen();
  }
}
