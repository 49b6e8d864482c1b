package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Policy.CacheEntry;
import com.github.benmanes.caffeine.cache.Policy.FixedExpiration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Expiry after write or after access, over both tiers.
 *
 * <p>Unlike in Caffeine, {@code setExpiresAfter} applies to entries that are written (or read)
 * after the call. Present entries keep their expiration time, which is absolute, since it must
 * survive a restart.
 */
record FixedExpirationPolicy<K, V>(CacheContext<K, V> context) implements FixedExpiration<K, V> {
  private Expiration<K, V> expiration() {
    context.checkOpen();
    return context.writes().expiration();
  }

  @Override
  public OptionalLong ageOf(K key, TimeUnit unit) {
    Long end = new Snapshots<>(context).expirationOf(requireNonNull(key, "key"));
    return end == null
        ? OptionalLong.empty()
        : OptionalLong.of(unit.convert(expiration().ageNanos(end), TimeUnit.NANOSECONDS));
  }

  @Override
  public long getExpiresAfter(TimeUnit unit) {
    return unit.convert(expiration().fixedNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void setExpiresAfter(long duration, TimeUnit unit) {
    if (duration < 0) {
      throw new IllegalArgumentException("duration is " + duration + " but must not be negative");
    }
    expiration().fixedNanos(unit.toNanos(duration));
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
