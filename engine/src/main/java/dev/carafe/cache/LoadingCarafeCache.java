package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.CacheLoader;
import dev.carafe.LoadingCarafe;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A cache with a loader. */
class LoadingCarafeCache<K, V> extends CarafeCache<K, V> implements LoadingCarafe<K, V> {
  private final CacheLoader<? super K, V> loader;
  private final Function<K, @Nullable V> load;
  private final boolean bulk;
  final Refreshes<K, V> refreshes;

  LoadingCarafeCache(CacheContext<K, V> context, CacheLoader<? super K, V> loader) {
    super(context);
    this.loader = loader;
    this.load = this::load;
    this.bulk = overridesLoadAll(loader);
    this.refreshes = new Refreshes<>(context, loader);
  }

  private static boolean overridesLoadAll(CacheLoader<?, ?> loader) {
    try {
      return loader.getClass().getMethod("loadAll", Set.class).getDeclaringClass()
          != CacheLoader.class;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }

  private @Nullable V load(K key) {
    try {
      return loader.load(key);
    } catch (Exception e) {
      throw LoadFailures.unchecked(e);
    }
  }

  @Override
  public V get(K key) {
    return get(key, load);
  }

  @Override
  public Map<K, V> getAll(Iterable<? extends K> keys) {
    if (bulk) {
      return getAll(keys, this::loadAll);
    }
    Set<K> wanted = BulkLoads.distinct(keys);
    Map<K, V> found = getAllPresent(wanted);
    Map<K, V> all = new LinkedHashMap<>();
    for (K key : wanted) {
      V value = found.containsKey(key) ? found.get(key) : context.loads().loadMissed(key, load);
      if (value != null) {
        all.put(key, value);
      }
    }
    return Collections.unmodifiableMap(all);
  }

  @SuppressWarnings("unchecked")
  private Map<? extends K, ? extends V> loadAll(Set<? extends K> keys) {
    try {
      return (Map<? extends K, ? extends V>) loader.loadAll((Set<K>) keys);
    } catch (Exception e) {
      throw LoadFailures.unchecked(e);
    }
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
