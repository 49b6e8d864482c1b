package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.CacheLoader;
import dev.carafe.LoadingCarafe;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A cache with a loader of its own. */
final class LoadingCarafeCache<K, V> extends CarafeCache<K, V> implements LoadingCarafe<K, V> {
  private final CacheLoader<? super K, V> loader;
  private final Function<K, @Nullable V> load;
  private final boolean bulk;

  LoadingCarafeCache(Parts<K, V> parts, CacheLoader<? super K, V> loader) {
    super(parts);
    this.loader = loader;
    this.load = this::load;
    this.bulk = overridesLoadAll(loader);
  }

  private static boolean overridesLoadAll(CacheLoader<?, ?> loader) {
    try {
      return loader.getClass().getMethod("loadAll", Set.class).getDeclaringClass()
          != CacheLoader.class;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }

  /** As Caffeine: unchecked exceptions unchanged, checked ones wrapped. */
  private @Nullable V load(K key) {
    try {
      return loader.load(key);
    } catch (RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException(e);
    } catch (Exception e) {
      throw new CompletionException(e);
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
    Map<K, V> found = new LinkedHashMap<>();
    Set<K> wanted = new LinkedHashSet<>();
    keys.forEach(key -> wanted.add(requireNonNull(key, "key")));
    for (K key : wanted) {
      V value = get(key, load);
      if (value != null) {
        found.put(key, value);
      }
    }
    return found;
  }

  @SuppressWarnings("unchecked")
  private Map<? extends K, ? extends V> loadAll(Set<? extends K> keys) {
    try {
      return (Map<? extends K, ? extends V>) loader.loadAll((Set<K>) keys);
    } catch (RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException(e);
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }

  @Override
  public CompletableFuture<V> refresh(K key) {
    requireNonNull(key, "key");
    return CompletableFuture.supplyAsync(() -> reload(key));
  }

  private V reload(K key) {
    V old = parts.quietly(key);
    try {
      V fresh = old == null ? loader.load(key) : loader.reload(key, old);
      if (fresh == null) {
        invalidate(key);
      } else {
        put(key, fresh);
      }
      return fresh;
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }

  @Override
  public CompletableFuture<Map<K, V>> refreshAll(Iterable<? extends K> keys) {
    Map<K, CompletableFuture<V>> refreshes = new LinkedHashMap<>();
    for (K key : keys) {
      refreshes.computeIfAbsent(key, this::refresh);
    }
    return CompletableFuture.allOf(refreshes.values().toArray(CompletableFuture[]::new))
        .thenApply(done -> {
          Map<K, V> values = new LinkedHashMap<>();
          refreshes.forEach((key, refresh) -> {
            V value = refresh.join();
            if (value != null) {
              values.put(key, value);
            }
          });
          return values;
        });
  }
}
