package dev.carafe.cache.keyed;

import com.github.benmanes.caffeine.cache.AsyncCacheLoader;
import com.github.benmanes.caffeine.cache.CacheLoader;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Adapts the application's loader to wrapped keys. Caches check which methods a loader's class
 * overrides to see whether it loads in bulk, so there is one class for each kind.
 *
 * @param <K> the application's keys
 * @param <V> values
 */
class KeyedLoader<K, V> implements CacheLoader<Key<K>, V> {
  final KeyCodec<K> keys;
  final CacheLoader<K, V> loader;

  private KeyedLoader(KeyCodec<K> keys, CacheLoader<K, V> loader) {
    this.keys = keys;
    this.loader = loader;
  }

  @SuppressWarnings("unchecked") // a loader's arguments are keys
  static <K, V> CacheLoader<Key<K>, V> of(KeyCodec<K> keys, CacheLoader<? super K, V> loader) {
    CacheLoader<K, V> narrowed = (CacheLoader<K, V>) loader;
    return overrides(loader, "loadAll", Set.class)
        ? new Bulk<>(keys, narrowed)
        : new KeyedLoader<>(keys, narrowed);
  }

  @SuppressWarnings("unchecked") // a loader's arguments are keys
  static <K, V> AsyncCacheLoader<Key<K>, V> of(
      KeyCodec<K> keys, AsyncCacheLoader<? super K, V> loader) {
    AsyncCacheLoader<K, V> narrowed = (AsyncCacheLoader<K, V>) loader;
    boolean bulk =
        overrides(loader, "asyncLoadAll", Set.class, Executor.class)
            || (loader instanceof CacheLoader && overrides(loader, "loadAll", Set.class));
    return bulk ? new AsyncBulk<>(keys, narrowed) : new Async<>(keys, narrowed);
  }

  private static boolean overrides(Object loader, String name, Class<?>... parameters) {
    try {
      Class<?> declaring = loader.getClass().getMethod(name, parameters).getDeclaringClass();
      return declaring != CacheLoader.class && declaring != AsyncCacheLoader.class;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }

  /** Wraps the keys of the future result of a bulk loader. */
  @SuppressWarnings("NullAway") // the cache rejects a null map or future
  static <K, V> CompletableFuture<Map<Key<K>, V>> wrapKeys(
      KeyCodec<K> keys,
      @Nullable CompletableFuture<? extends Map<? extends K, ? extends V>> future) {
    return future == null ? null : future.thenApply(keys::wrapKeys);
  }

  @Override
  public V load(Key<K> key) throws Exception {
    return loader.load(key.object());
  }

  @Override
  public CompletableFuture<? extends V> asyncLoad(Key<K> key, Executor executor) throws Exception {
    return loader.asyncLoad(key.object(), executor);
  }

  @Override
  public V reload(Key<K> key, V oldValue) throws Exception {
    return loader.reload(key.object(), oldValue);
  }

  @Override
  public CompletableFuture<? extends V> asyncReload(Key<K> key, V oldValue, Executor executor)
      throws Exception {
    return loader.asyncReload(key.object(), oldValue, executor);
  }

  private static final class Bulk<K, V> extends KeyedLoader<K, V> {
    Bulk(KeyCodec<K> keys, CacheLoader<K, V> loader) {
      super(keys, loader);
    }

    @Override
    @SuppressWarnings("NullAway") // the cache rejects a null map
    public Map<Key<K>, V> loadAll(Set<? extends Key<K>> missing) throws Exception {
      return keys.wrapKeys(loader.loadAll(keys.objects(missing)));
    }
  }

  private static class Async<K, V> implements AsyncCacheLoader<Key<K>, V> {
    final KeyCodec<K> keys;
    final AsyncCacheLoader<K, V> loader;

    Async(KeyCodec<K> keys, AsyncCacheLoader<K, V> loader) {
      this.keys = keys;
      this.loader = loader;
    }

    @Override
    public CompletableFuture<? extends V> asyncLoad(Key<K> key, Executor executor)
        throws Exception {
      return loader.asyncLoad(key.object(), executor);
    }

    @Override
    public CompletableFuture<? extends V> asyncReload(Key<K> key, V oldValue, Executor executor)
        throws Exception {
      return loader.asyncReload(key.object(), oldValue, executor);
    }
  }

  private static final class AsyncBulk<K, V> extends Async<K, V> {
    AsyncBulk(KeyCodec<K> keys, AsyncCacheLoader<K, V> loader) {
      super(keys, loader);
    }

    @Override
    public CompletableFuture<Map<Key<K>, V>> asyncLoadAll(
        Set<? extends Key<K>> missing, Executor executor) throws Exception {
      return wrapKeys(keys, loader.asyncLoadAll(keys.objects(missing), executor));
    }
  }
}
