package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.AsyncCacheLoader;
import com.github.benmanes.caffeine.cache.CacheLoader;
import dev.carafe.AsyncLoadingCarafe;
import dev.carafe.LoadingCarafe;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An asynchronous cache with a loader. */
final class AsyncLoadingCarafeCache<K, V> extends AsyncCarafeCache<K, V>
    implements AsyncLoadingCarafe<K, V> {
  private final AsyncCacheLoader<? super K, V> loader;
  private final boolean bulk;
  private final boolean refreshing;
  private final Refreshes<K, V> refreshes;
  private final SynchronousView synchronousView;

  AsyncLoadingCarafeCache(CacheContext<K, V> context, AsyncCacheLoader<? super K, V> loader) {
    super(context);
    this.loader = loader;
    this.bulk = overrides(loader, "asyncLoadAll", Set.class, Executor.class) || overridesLoadAll();
    this.refreshing = context.writes().expiration().timing().refreshAfterWrite() != null;
    this.refreshes = new Refreshes<>(context, loader);
    this.synchronousView = new SynchronousView();
  }

  private boolean overridesLoadAll() {
    return loader instanceof CacheLoader && overrides(loader, "loadAll", Set.class);
  }

  private static boolean overrides(Object loader, String name, Class<?>... parameters) {
    try {
      Class<?> declaring = loader.getClass().getMethod(name, parameters).getDeclaringClass();
      return declaring != CacheLoader.class && declaring != AsyncCacheLoader.class;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }

  @Override
  public CompletableFuture<V> get(K key) {
    return read(
        key,
        loads.get(
            requireNonNull(key, "key"),
            (k, executor) -> {
              try {
                return loader.asyncLoad(k, executor);
              } catch (Exception e) {
                throw LoadFailures.unchecked(e);
              }
            }));
  }

  @Override
  public @Nullable CompletableFuture<V> getIfPresent(K key) {
    CompletableFuture<V> future = super.getIfPresent(key);
    return future == null ? null : read(key, future);
  }

  /** Refreshes the value of a completed future if it is old. */
  private CompletableFuture<V> read(K key, CompletableFuture<V> future) {
    if (refreshing && future.isDone() && !future.isCompletedExceptionally()) {
      V value = future.join();
      if (value != null) {
        refreshes.afterRead(key, value);
      }
    }
    return future;
  }

  @Override
  public CompletableFuture<Map<K, V>> getAll(Iterable<? extends K> keys) {
    Set<K> wanted = BulkLoads.distinct(keys);
    if (bulk) {
      return getAll(wanted, this::loadAll);
    }
    Map<K, CompletableFuture<V>> futures = new LinkedHashMap<>();
    wanted.forEach(key -> futures.put(key, get(key)));
    return Futures.all(futures);
  }

  private CompletableFuture<? extends Map<? extends K, ? extends V>> loadAll(
      Set<? extends K> keys, Executor executor) {
    try {
      @SuppressWarnings("unchecked")
      AsyncCacheLoader<K, V> narrowed = (AsyncCacheLoader<K, V>) loader;
      return narrowed.asyncLoadAll(keys, executor);
    } catch (Exception e) {
      throw LoadFailures.unchecked(e);
    }
  }

  @Override
  public LoadingCarafe<K, V> synchronous() {
    return synchronousView;
  }

  /** The synchronous view, whose methods wait for the futures. */
  private final class SynchronousView extends SynchronousCarafeCache<K, V>
      implements LoadingCarafe<K, V> {
    SynchronousView() {
      super(AsyncLoadingCarafeCache.this.context, loads);
    }

    @Override
    public V get(K key) {
      return Futures.resolve(AsyncLoadingCarafeCache.this.get(key));
    }

    @Override
    public @Nullable V getIfPresent(K key) {
      return read(key, super.getIfPresent(key));
    }

    @Override
    @SuppressWarnings("NullAway") // null exactly when the mapping function returns null
    public V get(K key, Function<? super K, ? extends V> mappingFunction) {
      return read(key, super.get(key, mappingFunction));
    }

    private @Nullable V read(K key, @Nullable V value) {
      if (refreshing && value != null) {
        refreshes.afterRead(key, value);
      }
      return value;
    }

    @Override
    public Map<K, V> getAll(Iterable<? extends K> keys) {
      return Futures.resolve(AsyncLoadingCarafeCache.this.getAll(keys));
    }

    @Override
    public CompletableFuture<V> refresh(K key) {
      return refreshes.refresh(requireNonNull(key, "key"));
    }

    @Override
    public CompletableFuture<Map<K, V>> refreshAll(Iterable<? extends K> keys) {
      return refreshes.refreshAll(keys);
    }
  }
}
