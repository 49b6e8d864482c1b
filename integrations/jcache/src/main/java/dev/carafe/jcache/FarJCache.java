package dev.carafe.jcache;

import static java.util.Objects.requireNonNull;

import dev.carafe.redis.CarafeNearCache;
import dev.carafe.redis.NearChanges;
import dev.carafe.redis.NearChanges.Changed;
import io.lettuce.core.RedisException;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import javax.cache.CacheException;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CompletionListener;
import javax.cache.processor.EntryProcessor;
import javax.cache.processor.EntryProcessorResult;
import org.jspecify.annotations.Nullable;

/**
 * A JSR-107 cache in front of a server: memory, then the local file, then the server. Each change
 * of a key is one step at the server. {@code iterator}, {@code loadAll} that replaces values, and
 * listeners throw an {@link UnsupportedOperationException}. Operations that need the server throw a
 * {@link CacheException} while it is not connected; a change that throws one may have been done.
 * Thread-safe.
 *
 * <p>This class needs {@code carafe-redis}, which is optional.
 *
 * @param <K> keys
 * @param <V> values
 */
final class FarJCache<K, V> extends CacheLifecycle<K, V> {
  private final FarParts<K, V> parts;
  private final CarafeNearCache<K, V> near;
  private final NearChanges<K, V> changes;
  private final Statistics statistics;

  private final FarLoading<K, V> loading;
  private final FarProcessing<K, V> processing;

  FarJCache(
      String name, CarafeCaches manager, CarafeConfiguration<K, V> configuration, FarSide side) {
    super(name, manager);
    this.parts = new FarParts<>(this, manager, configuration, side);
    this.near = parts.near();
    this.changes = near.changes();
    this.statistics = parts.statistics();
    CacheLoader<K, V> readThrough = configuration.isReadThrough() ? parts.loader() : null;
    this.loading = new FarLoading<>(near, readThrough);
    this.processing = new FarProcessing<>(changes, statistics, readThrough);
  }

  @Override
  FarParts<K, V> parts() {
    return parts;
  }

  private <R extends @Nullable Object> R asked(Supplier<R> operation) {
    try {
      return operation.get();
    } catch (RedisException e) {
      throw new CacheException("the far side of the cache " + getName() + ": " + e.getMessage(), e);
    }
  }

  @Override
  @SuppressWarnings("NullAway") // JSR-107 returns null for a miss
  public V get(K key) {
    required(key, "key");
    long start = statistics.start();
    boolean[] loaded = {false};
    V value = asked(() -> loading.get(key, loaded));
    boolean hit = value != null && !loaded[0];
    statistics.gotOne(hit, start);
    return value;
  }

  @Override
  public Map<K, V> getAll(Set<? extends K> keys) {
    requireOpen();
    keys.forEach(key -> requireNonNull(key, "key"));
    long start = statistics.start();
    Map<K, V> found = asked(() -> near.getAll(keys));
    statistics.got(found.size(), keys.size() - found.size(), start);
    if (loading.loader() != null) {
      for (K key : keys) {
        V value = found.containsKey(key) ? null : asked(() -> loading.get(key, new boolean[1]));
        if (value != null) {
          found.put(key, value);
        }
      }
    }
    return found;
  }

  @Override
  public boolean containsKey(K key) {
    required(key, "key");
    return asked(() -> near.get(key)) != null;
  }

  @Override
  public void loadAll(
      Set<? extends K> keys,
      boolean replaceExistingValues,
      @Nullable CompletionListener completionListener) {
    requireOpen();
    keys.forEach(key -> requireNonNull(key, "key"));
    if (replaceExistingValues) {
      throw new UnsupportedOperationException(
          "loadAll with replaceExistingValues: the cache "
              + getName()
              + " has a far side, where a value that is loaded could replace a newer one of another"
              + " process; remove the keys first, and then load what is missing");
    }
    CacheLoader<K, V> loader = parts.loader();
    Loading.start(
        () -> {
          if (loader != null) {
            keys.forEach(key -> near.get(key, absent -> Loading.guarded(absent, loader::load)));
          }
        },
        completionListener);
  }

  @Override
  public void put(K key, V value) {
    required(key, "key");
    required(value, "value");
    long start = statistics.start();
    statistics.put(asked(() -> changes.put(key, value)) ? 1 : 0, start);
  }

  @Override
  public void putAll(Map<? extends K, ? extends V> map) {
    requireOpen();
    map.forEach((key, value) -> {
      requireNonNull(key, "key");
      requireNonNull(value, "value");
    });
    long start = statistics.start();
    statistics.put(asked(() -> changes.putAll(map)), start);
  }

  @Override
  @SuppressWarnings("NullAway")
  public V getAndPut(K key, V value) {
    required(key, "key");
    required(value, "value");
    long start = statistics.start();
    Changed<V> changed = asked(() -> changes.getAndPut(key, value));
    statistics.gotOne(changed.old() != null, start);
    statistics.put(changed.changed() ? 1 : 0, start);
    return changed.old();
  }

  @Override
  public boolean putIfAbsent(K key, V value) {
    required(key, "key");
    required(value, "value");
    long start = statistics.start();
    boolean written = asked(() -> changes.putIfAbsent(key, value));
    statistics.gotOne(!written, start);
    statistics.put(written ? 1 : 0, start);
    return written;
  }

  @Override
  public boolean remove(K key) {
    required(key, "key");
    long start = statistics.start();
    boolean removed = asked(() -> changes.remove(key));
    statistics.removed(removed ? 1 : 0, start);
    return removed;
  }

  @Override
  public boolean remove(K key, V oldValue) {
    required(key, "key");
    required(oldValue, "oldValue");
    long start = statistics.start();
    Changed<V> changed = asked(() -> changes.remove(key, oldValue));
    statistics.gotOne(changed.old() != null, start);
    statistics.removed(changed.changed() ? 1 : 0, start);
    return changed.changed();
  }

  @Override
  @SuppressWarnings("NullAway")
  public V getAndRemove(K key) {
    required(key, "key");
    long start = statistics.start();
    V old = asked(() -> changes.getAndRemove(key));
    statistics.gotOne(old != null, start);
    statistics.removed(old == null ? 0 : 1, start);
    return old;
  }

  @Override
  public boolean replace(K key, V oldValue, V newValue) {
    required(key, "key");
    required(oldValue, "oldValue");
    required(newValue, "newValue");
    long start = statistics.start();
    Changed<V> changed = asked(() -> changes.replace(key, oldValue, newValue));
    statistics.gotOne(changed.old() != null, start);
    statistics.put(changed.changed() ? 1 : 0, start);
    return changed.changed();
  }

  @Override
  public boolean replace(K key, V value) {
    required(key, "key");
    required(value, "value");
    long start = statistics.start();
    boolean replaced = asked(() -> changes.replace(key, value));
    statistics.gotOne(replaced, start);
    statistics.put(replaced ? 1 : 0, start);
    return replaced;
  }

  @Override
  @SuppressWarnings("NullAway")
  public V getAndReplace(K key, V value) {
    required(key, "key");
    required(value, "value");
    long start = statistics.start();
    V old = asked(() -> changes.getAndReplace(key, value));
    statistics.gotOne(old != null, start);
    statistics.put(old == null ? 0 : 1, start);
    return old;
  }

  @Override
  public void removeAll(Set<? extends K> keys) {
    requireOpen();
    keys.forEach(key -> requireNonNull(key, "key"));
    long start = statistics.start();
    statistics.removed(asked(() -> changes.removeAll(keys)), start);
  }

  @Override
  public void removeAll() {
    clear();
  }

  @Override
  public void clear() {
    requireOpen();
    asked(() -> {
      near.invalidateAll();
      return true;
    });
  }

  @Override
  @SuppressWarnings("NullAway") // null if the processor returns null
  public <T> T invoke(K key, EntryProcessor<K, V, T> entryProcessor, Object... arguments) {
    required(key, "key");
    requireNonNull(entryProcessor, "entryProcessor");
    return asked(() -> parts.locked(key, () -> processing.invoke(key, entryProcessor, arguments)));
  }

  @Override
  public <T> Map<K, EntryProcessorResult<T>> invokeAll(
      Set<? extends K> keys, EntryProcessor<K, V, T> entryProcessor, Object... arguments) {
    requireOpen();
    requireNonNull(entryProcessor, "entryProcessor");
    keys.forEach(key -> requireNonNull(key, "key"));
    return Processing.invokeAll(keys, key -> invoke(key, entryProcessor, arguments));
  }

  @Override
  public Iterator<Entry<K, V>> iterator() {
    throw new UnsupportedOperationException(
        "iterator: the cache "
            + getName()
            + " has a far side, whose keys are those of all processes; a scan of the server"
            + " returns some of them twice");
  }
}
