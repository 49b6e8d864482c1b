package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.Policy.CacheEntry;
import dev.carafe.tier.Entry;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Entries with their policy metadata, alone or in the order of their expiration times. */
record Snapshots<K, V>(CacheContext<K, V> context) {
  /** An expiration time, or a remaining time, of an event that never occurs. */
  static final long NEVER = Long.MAX_VALUE;

  @SuppressWarnings("unchecked")
  @Nullable CacheEntry<K, V> of(K key) {
    Reads.PeekResult seen = peek(key, context.values().decoder);
    if (seen == null || seen.value() == null || seen.value() == Reads.MISS) {
      return null;
    }
    Entry entry = seen.entry();
    int weight = entry == null ? 0 : context.tiers().index.weightOf(entry);
    Expiration<K, V> expiration = context.writes().expiration();
    boolean timed = expiration.isOn(); // without expiry Caffeine does not read the ticker, either
    long now = timed ? expiration.timing().ticker().read() : 0;
    boolean expires = timed && expiration.kind() != Expiration.Kind.AGE_ONLY;
    long remaining = expires ? expiration.remainingNanos(seen.expiresAtNanos()) : NEVER;
    return new Snapshot<>(
        key,
        (V) seen.value(),
        weight,
        after(now, remaining),
        after(now, nanosUntilRefresh(entry)),
        now);
  }

  /** Adds, and saturates at {@link #NEVER}. */
  private static long after(long now, long remaining) {
    long sum = now + remaining;
    boolean overflows = remaining > 0 && sum < now;
    return remaining == NEVER || overflows ? NEVER : sum;
  }

  /** Reads the value and its expiry together, without recording an access. */
  private Reads.@Nullable PeekResult peek(
      K key, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    int pass = context.gate().enter();
    try {
      return context.reads().peekWithExpiration(key, reader);
    } finally {
      context.gate().exit(pass);
    }
  }

  private long nanosUntilRefresh(@Nullable Entry entry) {
    long refreshNanos = context.writes().ages().refreshNanos();
    return entry == null || refreshNanos == NEVER
        ? NEVER
        : refreshNanos - context.writes().ages().nanosOf(entry);
  }

  /** Returns the expiration time of the key's value; null if the key has none. */
  @Nullable Long expirationOf(K key) {
    Reads.PeekResult seen = peek(key, value -> true);
    return seen == null ? null : (Long) seen.expiresAtNanos();
  }

  /** Returns the values of the keys that expire first, or last. */
  Map<K, V> byExpiration(boolean latestFirst, int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("limit is " + limit + " but must not be negative");
    }
    Map<K, V> found = new LinkedHashMap<>();
    for (K key : keysByExpiration(latestFirst)) {
      V value = found.size() < limit ? context.getQuietly(key) : null;
      if (value != null) {
        found.put(key, value);
      }
    }
    return Collections.unmodifiableMap(found);
  }

  <T extends @Nullable Object> T byExpiration(
      boolean latestFirst, Function<? super Stream<CacheEntry<K, V>>, T> function) {
    return function.apply(
        keysByExpiration(latestFirst).stream().map(this::of).filter(Objects::nonNull));
  }

  private List<K> keysByExpiration(boolean latestFirst) {
    Comparator<Map.Entry<K, Long>> byEnd = Map.Entry.comparingByValue();
    return context.expirations().entrySet().stream()
        .sorted(latestFirst ? byEnd.reversed() : byEnd)
        .map(Map.Entry::getKey)
        .toList();
  }
}
