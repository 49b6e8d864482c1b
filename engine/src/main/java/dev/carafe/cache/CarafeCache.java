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
 * The implementation of the public interface: checks arguments and delegates to the components.
 *
 * @param <K> keys
 * @param <V> values
 */
class CarafeCache<K, V> implements Carafe<K, V> {
  final CacheContext<K, V> context;
  private final MapView<K, V> map;
  private final BulkLoads<K, V> bulk;

  CarafeCache(CacheContext<K, V> context) {
    this(context, new MapView<>(context));
  }

  CarafeCache(CacheContext<K, V> context, MapView<K, V> map) {
    this.context = context;
    this.map = map;
    this.bulk = new BulkLoads<>(context);
  }

  @Override
  @SuppressWarnings("unchecked")
  public @Nullable V getIfPresent(K key) {
    Object seen = context.reads().fetch(requireNonNull(key, "key"), context.values().decoder);
    if (seen == Reads.MISS) {
      context.hooks().stats().recordMisses(1);
      return null;
    }
    context.hooks().stats().recordHits(1);
    return (V) seen;
  }

  @Override
  @SuppressWarnings("unchecked")
  public <R> @Nullable R read(
      K key, Function<? super MemorySegment, ? extends @Nullable R> reader) {
    requireNonNull(reader, "reader");
    Object seen = context.reads().fetch(requireNonNull(key, "key"), reader);
    if (seen == Reads.MISS) {
      context.hooks().stats().recordMisses(1);
      return null;
    }
    context.hooks().stats().recordHits(1);
    return (R) seen;
  }

  @Override
  public @Nullable Lease lease(K key) {
    Lease lease = context.leases().acquire(requireNonNull(key, "key"));
    if (lease == null) {
      context.hooks().stats().recordMisses(1);
    } else {
      context.hooks().stats().recordHits(1);
    }
    return lease;
  }

  @Override
  @SuppressWarnings(
      "NullAway") // null exactly when the mapping function returns null, as in Caffeine
  public V get(K key, Function<? super K, ? extends V> mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    return context.loads().get(requireNonNull(key, "key"), mappingFunction);
  }

  @Override
  public Map<K, V> getAllPresent(Iterable<? extends K> keys) {
    return Collections.unmodifiableMap(bulk.present(keys));
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
    context.writes().put(requireNonNull(key, "key"), requireNonNull(value, "value"));
  }

  @Override
  public void put(K key, int valueBytes, Consumer<? super MemorySegment> writer) {
    context.writes().put(requireNonNull(key, "key"), valueBytes, requireNonNull(writer, "writer"));
  }

  @Override
  public void putAll(Map<? extends K, ? extends V> entries) {
    context.checkOpen();
    entries.forEach(this::put);
  }

  @Override
  public void invalidate(K key) {
    var _ = context.writes().remove(requireNonNull(key, "key"));
  }

  @Override
  public void invalidateAll(Iterable<? extends K> keys) {
    context.checkOpen();
    keys.forEach(this::invalidate);
  }

  @Override
  public void invalidateAll() {
    context.clear();
  }

  @Override
  public long estimatedSize() {
    context.checkOpen();
    return context.statistics().entryCount();
  }

  @Override
  public CacheStats stats() {
    context.checkOpen();
    return context.hooks().stats().snapshot();
  }

  @Override
  public ConcurrentMap<K, V> asMap() {
    context.checkOpen();
    return map;
  }

  @Override
  public void cleanUp() {
    context.cleanUp();
  }

  @Override
  public Policy<K, V> policy() {
    context.checkOpen();
    return new CarafePolicy<>(context);
  }

  @Override
  public void flush() {
    context.flush();
  }

  @Override
  public Health health() {
    return context.statistics().health();
  }

  @Override
  public TierStats tierStats() {
    context.checkOpen();
    return context.statistics().tierStats();
  }

  @Override
  public MemoryUsage memoryUsage() {
    context.checkOpen();
    return context.statistics().memoryUsage();
  }

  @Override
  public void close() {
    context.close();
  }

  @Override
  public String toString() {
    return "Carafe" + context.statistics().tierStats();
  }
}
