package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import dev.carafe.Carafe;
import dev.carafe.Health;
import dev.carafe.Lease;
import dev.carafe.MemoryUsage;
import dev.carafe.TierStats;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The public face: checks arguments and hands on to the parts.
 *
 * @param <K> keys
 * @param <V> values
 */
class CarafeCache<K, V> implements Carafe<K, V> {
  final Parts<K, V> parts;
  private final MapView<K, V> map;
  private final BulkLoads<K, V> bulk;

  CarafeCache(Parts<K, V> parts) {
    this.parts = parts;
    this.map = new MapView<>(parts);
    this.bulk = new BulkLoads<>(parts);
  }

  @Override
  @SuppressWarnings("unchecked")
  public @Nullable V getIfPresent(K key) {
    Object seen = parts.fetches().fetch(requireNonNull(key, "key"), parts.values().decoder);
    if (seen == Fetches.MISS) {
      parts.host().stats().recordMisses(1);
      return null;
    }
    parts.host().stats().recordHits(1);
    return (V) seen;
  }

  @Override
  @SuppressWarnings("unchecked")
  public <R> @Nullable R read(
      K key, Function<? super MemorySegment, ? extends @Nullable R> reader) {
    requireNonNull(reader, "reader");
    Object seen = parts.fetches().fetch(requireNonNull(key, "key"), reader);
    if (seen == Fetches.MISS) {
      parts.host().stats().recordMisses(1);
      return null;
    }
    parts.host().stats().recordHits(1);
    return (R) seen;
  }

  @Override
  public @Nullable Lease lease(K key) {
    Lease lease = parts.leases().take(requireNonNull(key, "key"));
    if (lease == null) {
      parts.host().stats().recordMisses(1);
    } else {
      parts.host().stats().recordHits(1);
    }
    return lease;
  }

  @Override
  @SuppressWarnings(
      "NullAway") // null exactly when the mapping function returns null, as in Caffeine
  public V get(K key, Function<? super K, ? extends V> mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    return parts.loads().get(requireNonNull(key, "key"), mappingFunction);
  }

  @Override
  public Map<K, V> getAllPresent(Iterable<? extends K> keys) {
    return Collections.unmodifiableMap(bulk.present(BulkLoads.distinct(keys)));
  }

  @Override
  public Map<K, V> getAll(
      Iterable<? extends K> keys,
      Function<? super Set<? extends K>, ? extends Map<? extends K, ? extends V>> mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    return bulk.getAll(BulkLoads.distinct(keys), mappingFunction);
  }

  @Override
  public void put(K key, V value) {
    parts.writes().put(requireNonNull(key, "key"), requireNonNull(value, "value"));
  }

  @Override
  public void put(K key, int valueBytes, Consumer<? super MemorySegment> writer) {
    parts.writes().put(requireNonNull(key, "key"), valueBytes, requireNonNull(writer, "writer"));
  }

  @Override
  public void putAll(Map<? extends K, ? extends V> entries) {
    parts.checkOpen();
    entries.forEach(this::put);
  }

  @Override
  public void invalidate(K key) {
    var _ = parts.writes().remove(requireNonNull(key, "key"));
  }

  @Override
  public void invalidateAll(Iterable<? extends K> keys) {
    parts.checkOpen();
    keys.forEach(this::invalidate);
  }

  @Override
  public void invalidateAll() {
    parts.clear();
  }

  @Override
  public long estimatedSize() {
    parts.checkOpen();
    return parts.figures().entryCount();
  }

  @Override
  public CacheStats stats() {
    parts.checkOpen();
    return parts.host().stats().snapshot();
  }

  @Override
  public ConcurrentMap<K, V> asMap() {
    parts.checkOpen();
    return map;
  }

  @Override
  public void cleanUp() {
    parts.cleanUp();
  }

  @Override
  public Policy<K, V> policy() {
    parts.checkOpen();
    return new ViewPolicy<>(parts);
  }

  @Override
  public void flush() {
    parts.flush();
  }

  @Override
  public Health health() {
    return parts.figures().health();
  }

  @Override
  public TierStats tierStats() {
    parts.checkOpen();
    return parts.figures().tierStats();
  }

  @Override
  public MemoryUsage memoryUsage() {
    parts.checkOpen();
    return parts.figures().memoryUsage();
  }

  @Override
  public void close() {
    parts.close();
  }

  @Override
  public String toString() {
    return "Carafe" + parts.figures().tierStats();
  }
}
