package dev.carafe.cache.keyed;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Policy;
import dev.carafe.Carafe;
import dev.carafe.Lease;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A cache of the application's keys.
 *
 * @param <K> the application's keys
 * @param <V> values
 */
class KeyedCarafe<K, V> extends DelegatingCarafe<K, V> {
  final KeyCodec<K> keys;
  private final Carafe<Key<K>, V> inner;

  KeyedCarafe(KeyCodec<K> keys, Carafe<Key<K>, V> inner) {
    super(inner);
    this.keys = keys;
    this.inner = inner;
  }

  @Override
  public @Nullable V getIfPresent(K key) {
    return keys.<@Nullable V>call(key, inner::getIfPresent);
  }

  @Override
  public <R> @Nullable R read(
      K key, Function<? super MemorySegment, ? extends @Nullable R> reader) {
    return keys.<@Nullable R>call(key, k -> inner.<R>read(k, reader));
  }

  @Override
  public @Nullable Lease lease(K key) {
    return keys.<@Nullable Lease>call(key, inner::lease);
  }

  @Override
  public V get(K key, Function<? super K, ? extends V> mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    return keys.call(key, k -> inner.get(k, wrapped -> mappingFunction.apply(wrapped.object())));
  }

  @Override
  public Map<K, V> getAllPresent(Iterable<? extends K> objects) {
    Set<Key<K>> requested = keys.all(objects);
    return found(requested, keys.callAll(requested, inner::getAllPresent));
  }

  @Override
  @SuppressWarnings("NullAway") // the cache rejects a null map
  public Map<K, V> getAll(
      Iterable<? extends K> objects,
      Function<? super Set<? extends K>, ? extends Map<? extends K, ? extends V>> mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    Set<Key<K>> requested = keys.all(objects);
    return found(
        requested,
        keys.callAll(
            requested,
            all ->
                inner.getAll(
                    all,
                    missing ->
                        keys.wrapKeys(mappingFunction.apply(keys.objects(narrow(missing)))))));
  }

  @SuppressWarnings("unchecked")
  static <K> Set<Key<K>> narrow(Set<? extends Key<K>> keys) {
    return (Set<Key<K>>) keys;
  }

  final Map<K, V> found(Set<Key<K>> requested, Map<Key<K>, V> found) {
    return Collections.unmodifiableMap(keys.found(requested, found));
  }

  @Override
  public void put(K key, V value) {
    keys.run(key, k -> inner.put(k, value));
  }

  @Override
  public void put(K key, int valueBytes, Consumer<? super MemorySegment> writer) {
    keys.run(key, k -> inner.put(k, valueBytes, writer));
  }

  @Override
  public void putAll(Map<? extends K, ? extends V> entries) {
    entries.forEach(this::put);
  }

  @Override
  public void invalidate(K key) {
    inner.invalidate(keys.key(key));
  }

  @Override
  public void invalidateAll(Iterable<? extends K> objects) {
    inner.invalidateAll(keys.all(objects));
  }

  @Override
  public ConcurrentMap<K, V> asMap() {
    return new KeyedMap<>(keys, inner.asMap(), Key::decoded);
  }

  @Override
  public Policy<K, V> policy() {
    return new KeyedPolicy<>(keys, inner.policy());
  }
}
