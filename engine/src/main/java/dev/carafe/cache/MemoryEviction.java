package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Policy.CacheEntry;
import com.github.benmanes.caffeine.cache.Policy.Eviction;
import dev.carafe.tier.Entry;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The eviction policy of the memory tier, weighted by the bytes of the chunks. With a file, entries
 * that are evicted from memory stay in the cache. The file reclaims its oldest records, and has no
 * policy that could be queried.
 */
record MemoryEviction<K, V>(CacheContext<K, V> context) implements Eviction<K, V> {
  private Eviction<Object, Entry> memory() {
    context.checkOpen();
    return context.tiers().index.eviction();
  }

  @Override
  public boolean isWeighted() {
    context.checkOpen();
    return true;
  }

  @Override
  public OptionalInt weightOf(K key) {
    context.checkOpen();
    Entry entry = context.tiers().entries.findQuietly(requireNonNull(key, "key"));
    return entry == null
        ? OptionalInt.empty()
        : OptionalInt.of(context.tiers().index.weightOf(entry));
  }

  @Override
  public OptionalLong weightedSize() {
    return memory().weightedSize();
  }

  @Override
  public long getMaximum() {
    return memory().getMaximum();
  }

  /** Limits the maximum to the memory that the cache was opened with. */
  @Override
  public void setMaximum(long maximum) {
    if (context.tiers().index.isShared()) {
      throw new UnsupportedOperationException(
          "a store divides its memory among its caches: set memory and memoryLimit on the builder");
    }
    memory().setMaximum(Math.min(maximum, context.tiers().storage.memory.pool().capacityBytes()));
    context.cleanUp();
  }

  @Override
  public Map<K, V> coldest(int limit) {
    return valuesOf(memory().coldest(limit));
  }

  @Override
  public Map<K, V> coldestWeighted(long weightLimit) {
    return valuesOf(memory().coldestWeighted(weightLimit));
  }

  @Override
  public <T extends @Nullable Object> T coldest(
      Function<Stream<CacheEntry<K, V>>, T> mappingFunction) {
    return mappingFunction.apply(entries(memory().coldest(Integer.MAX_VALUE)));
  }

  @Override
  public Map<K, V> hottest(int limit) {
    return valuesOf(memory().hottest(limit));
  }

  @Override
  public Map<K, V> hottestWeighted(long weightLimit) {
    return valuesOf(memory().hottestWeighted(weightLimit));
  }

  @Override
  public <T extends @Nullable Object> T hottest(
      Function<Stream<CacheEntry<K, V>>, T> mappingFunction) {
    return mappingFunction.apply(entries(memory().hottest(Integer.MAX_VALUE)));
  }

  private Map<K, V> valuesOf(Map<Object, Entry> entries) {
    Map<K, V> values = new LinkedHashMap<>();
    for (Entry entry : entries.values()) {
      K key = context.tiers().cache.lookup().keyOf(entry);
      V value = key == null ? null : context.getQuietly(key);
      if (key != null && value != null) {
        values.put(key, value);
      }
    }
    return Collections.unmodifiableMap(values);
  }

  private Stream<CacheEntry<K, V>> entries(Map<Object, Entry> entries) {
    Snapshots<K, V> snapshots = new Snapshots<>(context);
    return entries.values().stream()
        .map(context.tiers().cache.lookup()::keyOf)
        .filter(Objects::nonNull)
        .map(snapshots::of)
        .filter(Objects::nonNull);
  }
}
