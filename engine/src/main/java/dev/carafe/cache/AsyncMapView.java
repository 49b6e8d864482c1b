package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
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

  AsyncMapView(CacheContext<K, V> context, AsyncLoads<K, V> loads) {
    this.context = context;
    this.loads = loads;
  }

  @Override
  public @Nullable CompletableFuture<V> get(@Nullable Object key) {
    return loads.present(MapView.cast(requireNonNull(key, "key")));
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return peekFuture(MapView.cast(requireNonNull(key, "key"))) != null;
  }

  /** Returns the key's future. The current thread reads the file if necessary. */
  private @Nullable CompletableFuture<V> peekFuture(K key) {
    CompletableFuture<V> here = loads.getInMemoryOrInFlight(key);
    if (here != null) {
      return here;
    }
    V value = context.getQuietly(key);
    return value == null ? null : CompletableFuture.completedFuture(value);
  }

  /** Computes the new future of a key and writes it as one atomic step. */
  private @Nullable CompletableFuture<V> update(
      K key, BiFunction<K, @Nullable CompletableFuture<V>, @Nullable CompletableFuture<V>> decide) {
    int pass = context.gate().enter();
    ReentrantLock lock = context.tiers().shared.locks.of(key);
    lock.lock();
    try {
      CompletableFuture<V> before = peekFuture(key);
      CompletableFuture<V> after = decide.apply(key, before);
      if (after == null && before != null) {
        var _ = context.tiers().remove(key, context.tiers().keyBytes(key));
      } else if (after != null && after != before) {
        loads.put(key, after);
      }
      return before;
    } finally {
      lock.unlock();
      context.gate().exit(pass);
      context.writes().drainSpill();
    }
  }

  /** Returns whether these are the same future, or completed futures with equal values. */
  private static boolean same(@Nullable CompletableFuture<?> one, @Nullable Object other) {
    return one != null
        && (one == other
            || (other instanceof CompletableFuture<?> future
                && isReady(one)
                && isReady(future)
                && Objects.deepEquals(one.join(), future.join())));
  }

  private static boolean isReady(CompletableFuture<?> future) {
    return future.isDone() && !future.isCompletedExceptionally();
  }

  @Override
  public @Nullable CompletableFuture<V> put(K key, CompletableFuture<V> value) {
    requireNonNull(value, "value");
    return update(requireNonNull(key, "key"), (k, before) -> value);
  }

  @Override
  public @Nullable CompletableFuture<V> remove(@Nullable Object key) {
    return update(MapView.cast(requireNonNull(key, "key")), (k, before) -> null);
  }

  @Override
  public boolean remove(@Nullable Object key, @Nullable Object value) {
    CompletableFuture<V> before =
        update(
            MapView.cast(requireNonNull(key, "key")), (k, seen) -> same(seen, value) ? null : seen);
    return same(before, value);
  }

  @Override
  public @Nullable CompletableFuture<V> putIfAbsent(K key, CompletableFuture<V> value) {
    requireNonNull(value, "value");
    return update(requireNonNull(key, "key"), (k, before) -> before == null ? value : before);
  }

  @Override
  public @Nullable CompletableFuture<V> replace(K key, CompletableFuture<V> value) {
    requireNonNull(value, "value");
    return update(requireNonNull(key, "key"), (k, before) -> before == null ? null : value);
  }

  @Override
  public boolean replace(K key, CompletableFuture<V> oldValue, CompletableFuture<V> newValue) {
    requireNonNull(newValue, "newValue");
    requireNonNull(oldValue, "oldValue");
    CompletableFuture<V> before =
        update(requireNonNull(key, "key"), (k, seen) -> same(seen, oldValue) ? newValue : seen);
    return same(before, oldValue);
  }

  @Override
  @SuppressWarnings("NullAway") // null exactly when the function returns null, as in the interface
  public CompletableFuture<V> computeIfAbsent(
      K key, Function<? super K, ? extends CompletableFuture<V>> mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    return after(key, (k, before) -> before == null ? mappingFunction.apply(k) : before);
  }

  @Override
  public CompletableFuture<V> computeIfPresent(
      K key,
      BiFunction<? super K, ? super CompletableFuture<V>, ? extends CompletableFuture<V>>
          remappingFunction) {
    requireNonNull(remappingFunction, "remappingFunction");
    return after(key, (k, before) -> before == null ? null : remappingFunction.apply(k, before));
  }

  @Override
  public CompletableFuture<V> compute(
      K key,
      BiFunction<? super K, ? super @Nullable CompletableFuture<V>, ? extends CompletableFuture<V>>
          remappingFunction) {
    requireNonNull(remappingFunction, "remappingFunction");
    return after(key, remappingFunction::apply);
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
    return after(
        key, (k, before) -> before == null ? value : remappingFunction.apply(before, value));
  }

  @SuppressWarnings("NullAway")
  private CompletableFuture<V> after(
      K key, BiFunction<K, @Nullable CompletableFuture<V>, @Nullable CompletableFuture<V>> decide) {
    Object[] after = {null};
    var _ =
        update(
            requireNonNull(key, "key"),
            (k, before) -> {
              CompletableFuture<V> decided = decide.apply(k, before);
              after[0] = decided;
              return decided;
            });
    return MapView.cast(after[0]);
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
    return peekFuture(key);
  }

  @Override
  @Nullable CompletableFuture<V> getQuietly(@Nullable Object key) {
    return peekFuture(MapView.cast(requireNonNull(key, "key")));
  }

  @Override
  boolean removeIf(K key, CompletableFuture<V> seen, Predicate<? super CompletableFuture<V>> test) {
    boolean[] removed = {false};
    var _ =
        update(
            key,
            (k, before) -> {
              removed[0] = before != null && (same(before, seen) || test.test(before));
              return removed[0] ? null : before;
            });
    return removed[0];
  }

  @Override
  void checkOpen() {
    context.checkOpen();
  }
}
