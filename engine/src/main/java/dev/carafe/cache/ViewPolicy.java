package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Policy;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The policies as far as they have a meaning here. Eviction and expiry are decided per tier, by
 * chunks and records, not by what Caffeine's handles speak of; they are empty.
 */
record ViewPolicy<K, V>(Parts<K, V> parts) implements Policy<K, V> {
  @Override
  public boolean isRecordingStats() {
    return parts.isRecordingStats();
  }

  @Override
  public @Nullable V getIfPresentQuietly(K key) {
    return parts.quietly(requireNonNull(key, "key"));
  }

  @Override
  public @Nullable CacheEntry<K, V> getEntryIfPresentQuietly(K key) {
    V value = parts.quietly(requireNonNull(key, "key"));
    return value == null ? null : new Snapshot<>(key, value);
  }

  @Override
  public Map<K, CompletableFuture<V>> refreshes() {
    return Map.of();
  }

  @Override
  public Optional<Eviction<K, V>> eviction() {
    return Optional.empty();
  }

  @Override
  public Optional<FixedExpiration<K, V>> expireAfterAccess() {
    return Optional.empty();
  }

  @Override
  public Optional<FixedExpiration<K, V>> expireAfterWrite() {
    return Optional.empty();
  }

  @Override
  public Optional<VarExpiration<K, V>> expireVariably() {
    return Optional.empty();
  }

  @Override
  public Optional<FixedRefresh<K, V>> refreshAfterWrite() {
    return Optional.empty();
  }

  private record Snapshot<K, V>(K getKey, V getValue) implements CacheEntry<K, V> {
    @Override
    public V setValue(V value) {
      throw new UnsupportedOperationException("a snapshot can't be written; use put");
    }

    @Override
    public int weight() {
      return 1;
    }

    @Override
    public long expiresAt() {
      return Long.MAX_VALUE;
    }

    @Override
    public Duration expiresAfter() {
      return Duration.ofNanos(Long.MAX_VALUE);
    }

    @Override
    public long refreshableAt() {
      return Long.MAX_VALUE;
    }

    @Override
    public Duration refreshableAfter() {
      return Duration.ofNanos(Long.MAX_VALUE);
    }

    @Override
    public long snapshotAt() {
      return System.nanoTime();
    }
  }
}
