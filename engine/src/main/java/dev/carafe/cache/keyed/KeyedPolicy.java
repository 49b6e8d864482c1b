package dev.carafe.cache.keyed;

import com.github.benmanes.caffeine.cache.Policy;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A cache's policies, for the application's keys. */
record KeyedPolicy<K, V>(KeyCodec<K> keys, Policy<Key<K>, V> inner) implements Policy<K, V> {
  @Override
  public boolean isRecordingStats() {
    return inner.isRecordingStats();
  }

  @Override
  public @Nullable V getIfPresentQuietly(K key) {
    return keys.<@Nullable V>call(key, inner::getIfPresentQuietly);
  }

  @Override
  public @Nullable CacheEntry<K, V> getEntryIfPresentQuietly(K key) {
    CacheEntry<Key<K>, V> entry =
        keys.<@Nullable CacheEntry<Key<K>, V>>call(key, inner::getEntryIfPresentQuietly);
    return entry == null ? null : new KeyedEntry<>(key, entry);
  }

  @Override
  public Map<K, CompletableFuture<V>> refreshes() {
    return unwrapKeys(keys, inner.refreshes());
  }

  static <K, T> Map<K, T> unwrapKeys(KeyCodec<K> keys, Map<Key<K>, T> map) {
    return Collections.unmodifiableMap(new KeyedMap<>(keys, map, Key::decoded));
  }

  /** Adapts a function of the application to wrapped entries. */
  static <K, V, T extends @Nullable Object> Function<Stream<CacheEntry<Key<K>, V>>, T> ofKeyed(
      Function<Stream<CacheEntry<K, V>>, T> function) {
    return entries ->
        function.apply(entries.map(entry -> new KeyedEntry<>(entry.getKey().decoded(), entry)));
  }

  @Override
  public Optional<Eviction<K, V>> eviction() {
    return inner.eviction().map(eviction -> new KeyedEviction<>(keys, eviction));
  }

  @Override
  public Optional<FixedExpiration<K, V>> expireAfterAccess() {
    return inner.expireAfterAccess().map(fixed -> new KeyedExpiration.Fixed<>(keys, fixed));
  }

  @Override
  public Optional<FixedExpiration<K, V>> expireAfterWrite() {
    return inner.expireAfterWrite().map(fixed -> new KeyedExpiration.Fixed<>(keys, fixed));
  }

  @Override
  public Optional<VarExpiration<K, V>> expireVariably() {
    return inner.expireVariably().map(each -> new KeyedExpiration.Variable<>(keys, each));
  }

  @Override
  public Optional<FixedRefresh<K, V>> refreshAfterWrite() {
    return inner.refreshAfterWrite().map(refresh -> new KeyedRefresh<>(keys, refresh));
  }

  private record KeyedEviction<K, V>(KeyCodec<K> keys, Eviction<Key<K>, V> inner)
      implements Eviction<K, V> {
    @Override
    public boolean isWeighted() {
      return inner.isWeighted();
    }

    @Override
    public OptionalInt weightOf(K key) {
      return keys.call(key, inner::weightOf);
    }

    @Override
    public OptionalLong weightedSize() {
      return inner.weightedSize();
    }

    @Override
    public long getMaximum() {
      return inner.getMaximum();
    }

    @Override
    public void setMaximum(long maximum) {
      inner.setMaximum(maximum);
    }

    @Override
    public Map<K, V> coldest(int limit) {
      return unwrapKeys(keys, inner.coldest(limit));
    }

    @Override
    public Map<K, V> coldestWeighted(long weightLimit) {
      return unwrapKeys(keys, inner.coldestWeighted(weightLimit));
    }

    @Override
    public <T extends @Nullable Object> T coldest(Function<Stream<CacheEntry<K, V>>, T> function) {
      return inner.coldest(ofKeyed(function));
    }

    @Override
    public Map<K, V> hottest(int limit) {
      return unwrapKeys(keys, inner.hottest(limit));
    }

    @Override
    public Map<K, V> hottestWeighted(long weightLimit) {
      return unwrapKeys(keys, inner.hottestWeighted(weightLimit));
    }

    @Override
    public <T extends @Nullable Object> T hottest(Function<Stream<CacheEntry<K, V>>, T> function) {
      return inner.hottest(ofKeyed(function));
    }
  }

  private record KeyedRefresh<K, V>(KeyCodec<K> keys, FixedRefresh<Key<K>, V> inner)
      implements FixedRefresh<K, V> {
    @Override
    public OptionalLong ageOf(K key, TimeUnit unit) {
      return keys.call(key, k -> inner.ageOf(k, unit));
    }

    @Override
    public long getRefreshesAfter(TimeUnit unit) {
      return inner.getRefreshesAfter(unit);
    }

    @Override
    public void setRefreshesAfter(long duration, TimeUnit unit) {
      inner.setRefreshesAfter(duration, unit);
    }
  }
}
