package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Policy;
import dev.carafe.cache.Expiration.Kind;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The policies: expiry and refresh over both tiers, eviction of the memory tier. What was not
 * configured is empty, as in Caffeine.
 */
record ViewPolicy<K, V>(Parts<K, V> parts) implements Policy<K, V> {
  @Override
  public boolean isRecordingStats() {
    parts.checkOpen();
    return parts.isRecordingStats();
  }

  @Override
  public @Nullable V getIfPresentQuietly(K key) {
    return parts.quietly(requireNonNull(key, "key"));
  }

  @Override
  public @Nullable CacheEntry<K, V> getEntryIfPresentQuietly(K key) {
    return new Snapshots<>(parts).of(requireNonNull(key, "key"));
  }

  @Override
  @SuppressWarnings("unchecked")
  public Map<K, CompletableFuture<V>> refreshes() {
    parts.checkOpen();
    Map<K, CompletableFuture<V>> running = new LinkedHashMap<>();
    parts
        .tiers()
        .flights
        .refreshes()
        .forEach((key, future) -> running.put(key, (CompletableFuture<V>) future));
    return Collections.unmodifiableMap(running);
  }

  @Override
  public Optional<Eviction<K, V>> eviction() {
    parts.checkOpen();
    return Optional.of(new MemoryEviction<>(parts));
  }

  private Kind kind() {
    parts.checkOpen();
    return parts.writes().expiration().kind();
  }

  @Override
  public Optional<FixedExpiration<K, V>> expireAfterAccess() {
    return kind() == Kind.AFTER_ACCESS ? Optional.of(new FixedPolicy<>(parts)) : Optional.empty();
  }

  @Override
  public Optional<FixedExpiration<K, V>> expireAfterWrite() {
    return kind() == Kind.AFTER_WRITE ? Optional.of(new FixedPolicy<>(parts)) : Optional.empty();
  }

  @Override
  public Optional<VarExpiration<K, V>> expireVariably() {
    return kind() == Kind.VARIABLE ? Optional.of(new VariablePolicy<>(parts)) : Optional.empty();
  }

  @Override
  public Optional<FixedRefresh<K, V>> refreshAfterWrite() {
    parts.checkOpen();
    return parts.writes().expiration().timing().refreshAfterWrite() == null
        ? Optional.empty()
        : Optional.of(new RefreshPolicy<>(parts));
  }
}
