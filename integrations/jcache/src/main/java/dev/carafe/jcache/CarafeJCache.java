package dev.carafe.jcache;

import static java.util.Objects.requireNonNull;

import dev.carafe.Carafe;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import javax.cache.integration.CacheWriterException;
import javax.cache.integration.CompletionListener;
import javax.cache.processor.EntryProcessor;
import javax.cache.processor.EntryProcessorResult;
import org.jspecify.annotations.Nullable;

/**
 * A JSR-107 cache over a {@link Carafe}, which {@link #unwrap} returns. Thread-safe.
 *
 * @param <K> keys
 * @param <V> values
 */
public final class CarafeJCache<K, V> extends CacheLifecycle<K, V> {
  private final CacheParts<K, V> parts;
  private final EntryOperations<K, V> operations;
  private final Statistics statistics;

  CarafeJCache(String name, CarafeCaches manager, CarafeConfiguration<K, V> configuration) {
    super(name, manager);
    this.parts = new CacheParts<>(this, manager, configuration);
    this.operations = parts.operations();
    this.statistics = parts.statistics();
  }

  @Override
  CacheParts<K, V> parts() {
    return parts;
  }

  /**
   * Runs a change under the key's lock, then waits for its synchronous listeners without a lock.
   */
  private <R extends @Nullable Object> R changing(K key, Function<K, R> step) {
    requireOpen();
    R result = operations.locked(requireNonNull(key, "key"), step);
    operations.listeners.await();
    return result;
  }

  @Override
  @SuppressWarnings("NullAway") // JSR-107 returns null for a miss
  public V get(K key) {
    requireOpen();
    long start = statistics.start();
    V value = operations.access(requireNonNull(key, "key"));
    statistics.gotOne(value != null, start);
    if (value == null && parts.readThrough() != null) {
      value = parts.readThrough().get(key);
    }
    operations.listeners.await();
    return value;
  }

  @Override
  public Map<K, V> getAll(Set<? extends K> keys) {
    requireOpen();
    long start = statistics.start();
    Map<K, V> found = new LinkedHashMap<>();
    Map<K, Held<V>> present = operations.carafe.getAllPresent(keys);
    present.forEach((key, held) -> {
      operations.accessed(key);
      found.put(operations.copies.of(key), held.value());
    });
    statistics.got(found.size(), keys.size() - found.size(), start);
    if (parts.readThrough() != null && found.size() < keys.size()) {
      Set<K> missing = new LinkedHashSet<>(keys);
      missing.removeIf(present::containsKey); // equal by their bytes
      found.putAll(parts.readThrough().getAll(missing));
    }
    operations.listeners.await();
    return found;
  }

  @Override
  public boolean containsKey(K key) {
    requireOpen();
    boolean present = operations.peek(requireNonNull(key, "key")) != null;
    operations.listeners.await();
    return present;
  }

  @Override
  public void loadAll(
      Set<? extends K> keys,
      boolean replaceExistingValues,
      @Nullable CompletionListener completionListener) {
    requireOpen();
    keys.forEach(key -> requireNonNull(key, "key"));
    parts.loadAll(keys, replaceExistingValues, completionListener);
  }

  @Override
  public void put(K key, V value) {
    required(value, "value");
    long start = statistics.start();
    boolean written = changing(key, k -> operations.set(k, value, true));
    statistics.put(written ? 1 : 0, start);
  }

  @Override
  @SuppressWarnings("NullAway")
  public V getAndPut(K key, V value) {
    required(value, "value");
    long start = statistics.start();
    EntryOperations.Written<V> result = changing(key, k -> operations.put(k, value, true));
    statistics.gotOne(result.old() != null, start);
    statistics.put(result.written() ? 1 : 0, start);
    return result.old();
  }

  @Override
  public void putAll(Map<? extends K, ? extends V> map) {
    requireOpen();
    map.forEach((key, value) -> {
      requireNonNull(key, "key");
      requireNonNull(value, "value");
    });
    long start = statistics.start();
    Map<K, V> left = new LinkedHashMap<>(map);
    CacheWriterException failed = parts.writeAll(left);
    long puts = 0;
    for (Map.Entry<K, V> next : left.entrySet()) {
      boolean written = changing(next.getKey(), k -> operations.set(k, next.getValue(), false));
      puts += written ? 1 : 0;
    }
    statistics.put(puts, start);
    if (failed != null) {
      throw failed;
    }
  }

  @Override
  public boolean putIfAbsent(K key, V value) {
    required(value, "value");
    long start = statistics.start();
    EntryOperations.Written<V> result =
        changing(
            key,
            k -> {
              V present = operations.peek(k);
              boolean written = present == null && operations.set(k, value, true);
              return new EntryOperations.Written<>(present, written);
            });
    statistics.gotOne(result.old() != null, start);
    statistics.put(result.written() ? 1 : 0, start);
    return result.written();
  }

  @Override
  public boolean remove(K key) {
    long start = statistics.start();
    boolean removed = changing(key, k -> operations.discard(k, true));
    statistics.removed(removed ? 1 : 0, start);
    return removed;
  }

  @Override
  public boolean remove(K key, V oldValue) {
    required(oldValue, "oldValue");
    return onMatch(key, oldValue, k -> operations.discard(k, true), false);
  }

  @Override
  public boolean replace(K key, V oldValue, V newValue) {
    required(oldValue, "oldValue");
    required(newValue, "newValue");
    return onMatch(key, oldValue, k -> operations.set(k, newValue, true), true);
  }

  private boolean onMatch(
      K key, V expected, Function<K, ? extends @Nullable Object> change, boolean puts) {
    long start = statistics.start();
    boolean[] found = {false};
    boolean changed =
        changing(
            key,
            k -> {
              V present = operations.peek(k);
              found[0] = present != null;
              boolean matches = expected.equals(present);
              if (matches) {
                var _ = change.apply(k);
              } else if (present != null) {
                operations.accessed(k);
              }
              return matches;
            });
    statistics.got(found[0] ? 1 : 0, found[0] ? 0 : 1, start);
    statistics.put(changed && puts ? 1 : 0, start);
    statistics.removed(changed && !puts ? 1 : 0, start);
    return changed;
  }

  @Override
  @SuppressWarnings("NullAway")
  public V getAndRemove(K key) {
    long start = statistics.start();
    V old = changing(key, k -> operations.remove(k, true));
    statistics.gotOne(old != null, start);
    statistics.removed(old == null ? 0 : 1, start);
    return old;
  }

  @Override
  public boolean replace(K key, V value) {
    return getAndReplace(key, value) != null;
  }

  @Override
  @SuppressWarnings("NullAway")
  public V getAndReplace(K key, V value) {
    required(value, "value");
    long start = statistics.start();
    V old =
        changing(
            key,
            k -> {
              V present = operations.peek(k);
              boolean written = present != null && operations.set(k, value, true);
              return written ? present : null;
            });
    statistics.gotOne(old != null, start);
    statistics.put(old == null ? 0 : 1, start);
    return old;
  }

  @Override
  public void removeAll(Set<? extends K> keys) {
    requireOpen();
    keys.forEach(key -> requireNonNull(key, "key"));
    long start = statistics.start();
    Set<K> left = new LinkedHashSet<>(keys);
    CacheWriterException failed = parts.deleteAll(left);
    long removed = 0;
    for (K key : left) {
      removed += changing(key, k -> operations.discard(k, false)) ? 1 : 0;
    }
    statistics.removed(removed, start);
    if (failed != null) {
      throw failed;
    }
  }

  @Override
  public void removeAll() {
    requireOpen();
    removeAll(new LinkedHashSet<>(operations.carafe.asMap().keySet()));
    operations.supersedeAll();
  }

  @Override
  public void clear() {
    requireOpen();
    operations.clear();
  }

  @Override
  @SuppressWarnings("NullAway") // null if the processor returns null
  public <T> T invoke(K key, EntryProcessor<K, V, T> entryProcessor, Object... arguments) {
    requireOpen();
    requireNonNull(key, "key");
    requireNonNull(entryProcessor, "entryProcessor");
    T result = parts.processing().invoke(key, entryProcessor, arguments);
    operations.listeners.await();
    return result;
  }

  @Override
  public <T> Map<K, EntryProcessorResult<T>> invokeAll(
      Set<? extends K> keys, EntryProcessor<K, V, T> entryProcessor, Object... arguments) {
    requireOpen();
    requireNonNull(entryProcessor, "entryProcessor");
    keys.forEach(key -> requireNonNull(key, "key"));
    Map<K, EntryProcessorResult<T>> results =
        Processing.invokeAll(
            keys, key -> parts.processing().invoke(key, entryProcessor, arguments));
    operations.listeners.await();
    return results;
  }

  @Override
  public Iterator<Entry<K, V>> iterator() {
    requireOpen();
    return new Entries<>(this, operations, statistics);
  }
}
