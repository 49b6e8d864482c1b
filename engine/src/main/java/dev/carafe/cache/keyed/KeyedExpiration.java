package dev.carafe.cache.keyed;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy.CacheEntry;
import com.github.benmanes.caffeine.cache.Policy.FixedExpiration;
import com.github.benmanes.caffeine.cache.Policy.VarExpiration;
import dev.carafe.spi.FixedExpiry;
import dev.carafe.spi.WriteExpiry;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Adapts the application's expiry to wrapped keys.
 *
 * @param expiry the application's expiry
 */
record KeyedExpiration(Expiry<Object, Object> expiry) implements Expiry<Object, Object> {
  /** Adapts an expiry. One that reads do not change stays such a one. */
  static Expiry<Object, Object> of(Expiry<Object, Object> expiry) {
    return switch (expiry) {
      case FixedExpiry fixed -> fixed; // needs no key
      case WriteExpiry(Expiry<Object, Object> times) -> new WriteExpiry(new KeyedExpiration(times));
      default -> new KeyedExpiration(expiry);
    };
  }

  private static Object object(Object key) {
    return ((Key<?>) key).object();
  }

  @Override
  public long expireAfterCreate(Object key, Object value, long currentTime) {
    return expiry.expireAfterCreate(object(key), value, currentTime);
  }

  @Override
  public long expireAfterUpdate(Object key, Object value, long currentTime, long currentDuration) {
    return expiry.expireAfterUpdate(object(key), value, currentTime, currentDuration);
  }

  @Override
  public long expireAfterRead(Object key, Object value, long currentTime, long currentDuration) {
    return expiry.expireAfterRead(object(key), value, currentTime, currentDuration);
  }

  /** Expiry after write or after access. */
  record Fixed<K, V>(KeyCodec<K> keys, FixedExpiration<Key<K>, V> inner)
      implements FixedExpiration<K, V> {
    @Override
    public OptionalLong ageOf(K key, TimeUnit unit) {
      return keys.call(key, k -> inner.ageOf(k, unit));
    }

    @Override
    public long getExpiresAfter(TimeUnit unit) {
      return inner.getExpiresAfter(unit);
    }

    @Override
    public void setExpiresAfter(long duration, TimeUnit unit) {
      inner.setExpiresAfter(duration, unit);
    }

    @Override
    public Map<K, V> oldest(int limit) {
      return KeyedPolicy.unwrapKeys(keys, inner.oldest(limit));
    }

    @Override
    public <T extends @Nullable Object> T oldest(Function<Stream<CacheEntry<K, V>>, T> function) {
      return inner.oldest(KeyedPolicy.ofKeyed(function));
    }

    @Override
    public Map<K, V> youngest(int limit) {
      return KeyedPolicy.unwrapKeys(keys, inner.youngest(limit));
    }

    @Override
    public <T extends @Nullable Object> T youngest(Function<Stream<CacheEntry<K, V>>, T> function) {
      return inner.youngest(KeyedPolicy.ofKeyed(function));
    }
  }

  /** Expiry with a separate lifetime for each entry. */
  record Variable<K, V>(KeyCodec<K> keys, VarExpiration<Key<K>, V> inner)
      implements VarExpiration<K, V> {
    @Override
    public OptionalLong getExpiresAfter(K key, TimeUnit unit) {
      return keys.call(key, k -> inner.getExpiresAfter(k, unit));
    }

    @Override
    public void setExpiresAfter(K key, long duration, TimeUnit unit) {
      keys.run(key, k -> inner.setExpiresAfter(k, duration, unit));
    }

    @Override
    public @Nullable V putIfAbsent(K key, V value, long duration, TimeUnit unit) {
      return keys.<@Nullable V>call(key, k -> inner.putIfAbsent(k, value, duration, unit));
    }

    @Override
    public @Nullable V put(K key, V value, long duration, TimeUnit unit) {
      return keys.<@Nullable V>call(key, k -> inner.put(k, value, duration, unit));
    }

    @Override
    @SuppressWarnings("NullAway") // null exactly when the function returns null
    public V compute(
        K key,
        BiFunction<? super K, ? super @Nullable V, ? extends V> remappingFunction,
        Duration duration) {
      requireNonNull(remappingFunction, "remappingFunction");
      BiFunction<Key<K>, @Nullable V, V> remapping =
          (wrapped, value) -> remappingFunction.apply(wrapped.object(), value);
      return keys.call(key, k -> inner.compute(k, remapping, duration));
    }

    @Override
    public Map<K, V> oldest(int limit) {
      return KeyedPolicy.unwrapKeys(keys, inner.oldest(limit));
    }

    @Override
    public <T extends @Nullable Object> T oldest(Function<Stream<CacheEntry<K, V>>, T> function) {
      return inner.oldest(KeyedPolicy.ofKeyed(function));
    }

    @Override
    public Map<K, V> youngest(int limit) {
      return KeyedPolicy.unwrapKeys(keys, inner.youngest(limit));
    }

    @Override
    public <T extends @Nullable Object> T youngest(Function<Stream<CacheEntry<K, V>>, T> function) {
      return inner.youngest(KeyedPolicy.ofKeyed(function));
    }
  }
}
