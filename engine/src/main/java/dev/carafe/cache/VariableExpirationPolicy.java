package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Policy.CacheEntry;
import com.github.benmanes.caffeine.cache.Policy.VarExpiration;
import dev.carafe.cache.Computations.Change;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Expiry with a separate lifetime for each entry, in both tiers. */
record VariableExpirationPolicy<K, V>(CacheContext<K, V> context) implements VarExpiration<K, V> {
  private long expirationAfter(long duration, TimeUnit unit) {
    if (duration < 0) {
      throw new IllegalArgumentException("duration is " + duration + " but must not be negative");
    }
    return context.writes().expiration().expirationAfter(unit.toNanos(duration));
  }

  @Override
  public OptionalLong getExpiresAfter(K key, TimeUnit unit) {
    Long end = new Snapshots<>(context).expirationOf(requireNonNull(key, "key"));
    return end == null
        ? OptionalLong.empty()
        : OptionalLong.of(
            unit.convert(context.writes().expiration().remainingNanos(end), TimeUnit.NANOSECONDS));
  }

  @Override
  public void setExpiresAfter(K key, long duration, TimeUnit unit) {
    context.writes().expireAt(requireNonNull(key, "key"), expirationAfter(duration, unit));
  }

  @Override
  public @Nullable V putIfAbsent(K key, V value, long duration, TimeUnit unit) {
    requireNonNull(value, "value");
    return context
        .computations()
        .update(
            requireNonNull(key, "key"),
            (k, before) -> before == null ? value : Change.NONE,
            expirationAfter(duration, unit));
  }

  @Override
  public @Nullable V put(K key, V value, long duration, TimeUnit unit) {
    requireNonNull(value, "value");
    return context
        .computations()
        .update(requireNonNull(key, "key"), (k, before) -> value, expirationAfter(duration, unit));
  }

  @Override
  @SuppressWarnings("NullAway") // null exactly when the function returns null
  public V compute(
      K key,
      BiFunction<? super K, ? super @Nullable V, ? extends V> remappingFunction,
      Duration duration) {
    requireNonNull(remappingFunction, "remappingFunction");
    BiFunction<K, V, @Nullable V> counted = context.loads().counted(remappingFunction);
    Object[] after = {null};
    var _ =
        context
            .computations()
            .update(
                requireNonNull(key, "key"),
                (k, before) -> {
                  after[0] = counted.apply(k, before);
                  return after[0];
                },
                expirationAfter(TimeUnit.NANOSECONDS.convert(duration), TimeUnit.NANOSECONDS));
    return MapView.cast(after[0]);
  }

  @Override
  public Map<K, V> oldest(int limit) {
    return new Snapshots<>(context).byExpiration(false, limit);
  }

  @Override
  public <T extends @Nullable Object> T oldest(
      Function<Stream<CacheEntry<K, V>>, T> mappingFunction) {
    return new Snapshots<>(context).byExpiration(false, mappingFunction);
  }

  @Override
  public Map<K, V> youngest(int limit) {
    return new Snapshots<>(context).byExpiration(true, limit);
  }

  @Override
  public <T extends @Nullable Object> T youngest(
      Function<Stream<CacheEntry<K, V>>, T> mappingFunction) {
    return new Snapshots<>(context).byExpiration(true, mappingFunction);
  }
}
