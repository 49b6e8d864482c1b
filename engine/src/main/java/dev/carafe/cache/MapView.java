package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import dev.carafe.cache.Computations.Change;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ConcurrentMap} view of both tiers. Every read-modify-write method is one atomic step
 * over both tiers, under the key's lock (contract R4). Values are compared by {@code equals},
 * arrays by their elements.
 *
 * <p>Proved by {@code MapSuitesTest} and {@code ViewsTest}.
 *
 * @param <K> keys
 * @param <V> values
 */
class MapView<K, V> extends ConcurrentMapViews<K, V> {
  private final CacheContext<K, V> context;

  MapView(CacheContext<K, V> context) {
    this.context = context;
  }

  @SuppressWarnings({"unchecked", "NullAway"})
  static <T> T cast(@Nullable Object key) {
    return (T) key; // callers ensure that it is not null
  }

  @Override
  public @Nullable V get(@Nullable Object key) {
    try {
      Object seen =
          context
              .reads()
              .fetch(MapView.<K>cast(requireNonNull(key, "key")), context.values().decoder);
      return seen == Reads.MISS ? null : MapView.<V>cast(requireNonNull(seen));
    } catch (ClassCastException e) {
      return absent(e, key, null);
    }
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return getQuietly(key) != null;
  }

  @Override
  public @Nullable V put(K key, V value) {
    requireNonNull(value, "value");
    return context.computations().update(requireNonNull(key, "key"), (k, before) -> value);
  }

  @Override
  public @Nullable V remove(@Nullable Object key) {
    try {
      return context
          .computations()
          .update(MapView.<K>cast(requireNonNull(key, "key")), (k, before) -> null);
    } catch (ClassCastException e) {
      return absent(e, key, null);
    }
  }

  @Override
  public boolean remove(@Nullable Object key, @Nullable Object value) {
    requireNonNull(key, "key");
    if (value == null) {
      return false;
    }
    try {
      return removeIf(MapView.<K>cast(key), MapView.cast(value), current -> false);
    } catch (ClassCastException e) {
      return absent(e, key, false);
    }
  }

  @Override
  public @Nullable V putIfAbsent(K key, V value) {
    requireNonNull(value, "value");
    return context.computations().putIfAbsent(requireNonNull(key, "key"), value);
  }

  @Override
  public @Nullable V replace(K key, V value) {
    requireNonNull(value, "value");
    return context
        .computations()
        .update(requireNonNull(key, "key"), (k, before) -> before == null ? Change.NONE : value);
  }

  @Override
  public boolean replace(K key, V oldValue, V newValue) {
    requireNonNull(oldValue, "oldValue");
    requireNonNull(newValue, "newValue");
    boolean[] replaced = {false};
    var _ =
        context
            .computations()
            .update(
                requireNonNull(key, "key"),
                (k, before) -> {
                  replaced[0] = Objects.deepEquals(before, oldValue);
                  return replaced[0] ? newValue : Change.NONE;
                });
    return replaced[0];
  }

  @Override
  @SuppressWarnings("NullAway") // null exactly when the mapping function returns null
  public V computeIfAbsent(K key, Function<? super K, ? extends V> mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    return context.loads().get(requireNonNull(key, "key"), mappingFunction);
  }

  @Override
  public V computeIfPresent(
      K key, BiFunction<? super K, ? super V, ? extends V> remappingFunction) {
    requireNonNull(remappingFunction, "remappingFunction");
    BiFunction<K, V, @Nullable V> counted = context.loads().counted(remappingFunction);
    return updateAndGet(
        key, (k, before) -> before == null ? Change.NONE : counted.apply(k, before));
  }

  /** Counted neither as loads nor as failures, as in Caffeine. */
  @Override
  public void replaceAll(BiFunction<? super K, ? super V, ? extends V> function) {
    requireNonNull(function, "function");
    for (K key : keySet()) {
      var _ =
          updateAndGet(
              key,
              (k, before) ->
                  before == null
                      ? Change.NONE
                      : requireNonNull(function.apply(k, before), "the function's value"));
    }
  }

  @Override
  public V compute(
      K key, BiFunction<? super K, ? super @Nullable V, ? extends V> remappingFunction) {
    requireNonNull(remappingFunction, "remappingFunction");
    return updateAndGet(key, context.loads().counted(remappingFunction)::apply);
  }

  @Override
  public V merge(K key, V value, BiFunction<? super V, ? super V, ? extends V> remappingFunction) {
    requireNonNull(value, "value");
    requireNonNull(remappingFunction, "remappingFunction");
    BiFunction<V, V, @Nullable V> counted = context.loads().counted(remappingFunction);
    return updateAndGet(key, (k, before) -> before == null ? value : counted.apply(before, value));
  }

  /**
   * Updates a key and returns its new value, which may be null, as {@link ConcurrentMap} specifies.
   */
  @SuppressWarnings("NullAway")
  private V updateAndGet(K key, BiFunction<? super K, @Nullable V, @Nullable Object> decide) {
    Object[] after = {null};
    var _ =
        context
            .computations()
            .update(
                requireNonNull(key, "key"),
                (k, before) -> {
                  Object decided = decide.apply(k, before);
                  after[0] = decided == Change.NONE ? before : decided;
                  return decided;
                });
    return cast(after[0]);
  }

  @Override
  public void clear() {
    context.clear();
  }

  @Override
  public int size() {
    checkOpen();
    return (int) Math.min(Integer.MAX_VALUE, context.statistics().entryCount());
  }

  @Override
  Map<K, Long> expirations() {
    return context.expirations();
  }

  @Override
  boolean isPresentUntil(K key, long expiresAtNanos) {
    return context.isPresentUntil(key, expiresAtNanos);
  }

  @Override
  @Nullable V peek(K key) {
    return context.getQuietly(key);
  }

  @Override
  boolean removeIf(K key, V seen, Predicate<? super V> test) {
    boolean[] removed = {false};
    var _ =
        context
            .computations()
            .update(
                key,
                (k, before) -> {
                  removed[0] =
                      before != null && (Objects.deepEquals(before, seen) || test.test(before));
                  return removed[0] ? null : Change.NONE;
                });
    return removed[0];
  }

  @Override
  @Nullable V getQuietly(@Nullable Object key) {
    try {
      return context.getQuietly(cast(requireNonNull(key, "key")));
    } catch (ClassCastException e) {
      return absent(e, key, null);
    }
  }

  /**
   * Returns {@code result} if the object is not a key, since no key equals it, as {@link Map}
   * specifies. Otherwise rethrows the exception, which comes from the value codec.
   */
  private <R extends @Nullable Object> R absent(
      ClassCastException e, @Nullable Object key, R result) {
    try {
      var _ = context.tiers().cache.keys().of(MapView.<K>cast(key));
    } catch (ClassCastException ofKey) {
      return result;
    }
    throw e;
  }

  @Override
  void checkOpen() {
    context.checkOpen();
  }
}
