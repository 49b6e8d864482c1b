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
 * The policies: expiry and refresh of both tiers, eviction of the memory tier. Policies that were
 * not configured are empty, as in Caffeine.
 */
record CarafePolicy<K, V>(CacheContext<K, V> context) implements Policy<K, V> {
  @Override
  public boolean isRecordingStats() {
    context.checkOpen();
    return context.isRecordingStats();
  }

  @Override
  public @Nullable V getIfPresentQuietly(K key) {
    return context.getQuietly(requireNonNull(key, "key"));
  }

  @Override
  public @Nullable CacheEntry<K, V> getEntryIfPresentQuietly(K key) {
    return new Snapshots<>(context).of(requireNonNull(key, "key"));
  }

  @Override
  @SuppressWarnings("unchecked")
  public Map<K, CompletableFuture<V>> refreshes() {
    context.checkOpen();
    Map<K, CompletableFuture<V>> running = new LinkedHashMap<>();
    context
        .tiers()
        .cache
        .flights()
        .refreshes()
        .forEach((key, future) -> running.put(key, (CompletableFuture<V>) future));
    return Collections.unmodifiableMap(running);
  }

  @Override
  public Optional<Eviction<K, V>> eviction() {
    context.checkOpen();
    return Optional.of(new MemoryEviction<>(context));
  }

  private Kind kind() {
    context.checkOpen();
    return context.writes().expiration().kind();
  }

  @Override
  public Optional<FixedExpiration<K, V>> expireAfterAccess() {
    return kind() == Kind.AFTER_ACCESS
        ? Optional.of(new FixedExpirationPolicy<>(context))
        : Optional.empty();
  }

  @Override
  public Optional<FixedExpiration<K, V>> expireAfterWrite() {
    return kind() == Kind.AFTER_WRITE
        ? Optional.of(new FixedExpirationPolicy<>(context))
        : Optional.empty();
  }

  @Override
  public Optional<VarExpiration<K, V>> expireVariably() {
    return kind() == Kind.VARIABLE
        ? Optional.of(new VariableExpirationPolicy<>(context))
        : Optional.empty();
  }

  @Override
  public Optional<FixedRefresh<K, V>> refreshAfterWrite() {
    context.checkOpen();
    return context.writes().expiration().timing().refreshAfterWrite() == null
        ? Optional.empty()
        : Optional.of(new RefreshPolicy<>(context));
  }
}
