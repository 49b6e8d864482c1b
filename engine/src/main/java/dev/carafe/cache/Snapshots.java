package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.Policy.CacheEntry;
import dev.carafe.tier.Entry;
import dev.carafe.tier.MemoryTier;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Entries with what the policies know of them, alone or in the order in which they end. */
record Snapshots<K, V>(Parts<K, V> parts) {
  /** Added to the time of the snapshot for what never comes; the difference is exact. */
  private static final long NEVER = Long.MAX_VALUE;

  @Nullable CacheEntry<K, V> of(K key) {
    Expiration<K, V> expiration = parts.writes().expiration();
    V value = parts.quietly(key);
    Long end = value == null ? null : endOf(key);
    if (value == null || end == null) {
      return null;
    }
    Entry entry = parts.tiers().findQuietly(key);
    int weight = entry == null ? 0 : MemoryTier.weightBytes(entry);
    long now = expiration.timing().ticker().read();
    long left = expiration.kind() == Expiration.Kind.ENDLESS ? NEVER : expiration.left(end);
    return new Snapshot<>(key, value, weight, now + left, now + refreshLeft(entry), now);
  }

  private long refreshLeft(@Nullable Entry entry) {
    long refreshNanos = parts.writes().ages().refreshNanos();
    return entry == null || refreshNanos == NEVER
        ? NEVER
        : refreshNanos - parts.writes().ages().nanosOf(entry);
  }

  /** When the key's value ends; null if it has none. */
  @Nullable Long endOf(K key) {
    int pass = parts.gate().enter();
    try {
      return parts.writes().endOf(key, parts.tiers().keyBytes(key));
    } finally {
      parts.gate().exit(pass);
    }
  }

  /** Values of the keys that end first, or last. */
  Map<K, V> byEnd(boolean latestFirst, int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("limit is " + limit + " but must not be negative");
    }
    Map<K, V> found = new LinkedHashMap<>();
    for (K key : keysByEnd(latestFirst)) {
      V value = found.size() < limit ? parts.quietly(key) : null;
      if (value != null) {
        found.put(key, value);
      }
    }
    return Collections.unmodifiableMap(found);
  }

  <T extends @Nullable Object> T byEnd(
      boolean latestFirst, Function<? super Stream<CacheEntry<K, V>>, T> function) {
    return function.apply(keysByEnd(latestFirst).stream().map(this::of).filter(Objects::nonNull));
  }

  private List<K> keysByEnd(boolean latestFirst) {
    Comparator<Map.Entry<K, Long>> byEnd = Map.Entry.comparingByValue();
    return parts.ends().entrySet().stream()
        .sorted(latestFirst ? byEnd.reversed() : byEnd)
        .map(Map.Entry::getKey)
        .toList();
  }
}
