package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Policy.FixedRefresh;
import dev.carafe.tier.Entry;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** The refresh policy. Values that only the file holds have no known age. */
record RefreshPolicy<K, V>(CacheContext<K, V> context) implements FixedRefresh<K, V> {
  @Override
  public OptionalLong ageOf(K key, TimeUnit unit) {
    context.checkOpen();
    Entry entry = context.tiers().entries.findQuietly(requireNonNull(key, "key"));
    return entry == null
        ? OptionalLong.empty()
        : OptionalLong.of(
            unit.convert(context.writes().ages().nanosOf(entry), TimeUnit.NANOSECONDS));
  }

  @Override
  public long getRefreshesAfter(TimeUnit unit) {
    context.checkOpen();
    return unit.convert(context.writes().ages().refreshNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void setRefreshesAfter(long duration, TimeUnit unit) {
    context.checkOpen();
    if (duration <= 0) {
      throw new IllegalArgumentException("duration is " + duration + " but must be positive");
    }
    context.writes().ages().refreshNanos(unit.toNanos(duration));
  }
}
