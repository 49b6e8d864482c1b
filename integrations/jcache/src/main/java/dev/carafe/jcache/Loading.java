package dev.carafe.jcache;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheLoaderException;
import org.jspecify.annotations.Nullable;

/** Read-through: one load of a key at a time, by the cache under it. */
record Loading<K, V>(Store<K, V> store, CacheLoader<K, V> loader) {
  /** The key's value, loaded if it is missing. */
  @Nullable V get(K key) {
    Object[] brought = {null};
    Function<K, @Nullable Held<V>> load =
        k -> {
          V value = guarded(k, loader::load);
          brought[0] = value;
          return store.loaded(k, value);
        };
    Held<V> held = store.carafe.asMap().computeIfAbsent(store.copies.of(key), load);
    if (held != null) {
      return held.value();
    }
    @SuppressWarnings("unchecked")
    V expired = (V) brought[0];
    return expired;
  }

  /** What the loader has of these keys, and keeps in the cache. */
  Map<K, V> getAll(Set<? extends K> keys) {
    Map<K, V> all = new HashMap<>();
    Map<K, Held<V>> held =
        store.carafe.getAll(
            keys,
            missing -> {
              Map<K, Held<V>> kept = new HashMap<>();
              loadAll(missing)
                  .forEach((key, value) -> {
                    all.put(key, value);
                    Held<V> loaded = store.loaded(key, value);
                    if (loaded != null) {
                      kept.put(store.copies.of(key), loaded);
                    }
                  });
              return kept;
            });
    held.forEach((key, value) -> all.put(key, value.value()));
    return all;
  }

  /** Loads, without nulls. */
  Map<K, V> loadAll(Set<? extends K> keys) {
    Map<K, V> loaded = guarded(keys, k -> loader.loadAll(k));
    Map<K, V> found = new HashMap<>();
    if (loaded != null) {
      loaded.forEach((key, value) -> {
        if (key != null && value != null) {
          found.put(key, value);
        }
      });
    }
    return found;
  }

  /** Loads keys into the cache. */
  void loadAll(Set<? extends K> keys, boolean replaceExisting) {
    Set<K> wanted = new LinkedHashSet<>();
    for (K key : keys) {
      if (replaceExisting || store.peek(key) == null) {
        wanted.add(key);
      }
    }
    loadAll(wanted)
        .forEach((key, value) ->
            store.locked(
                key,
                k -> {
                  if (replaceExisting || store.peek(k) == null) {
                    var _ = store.put(k, value, false);
                  }
                  return true;
                }));
  }

  private static <A, R> R guarded(A argument, Function<A, R> load) {
    try {
      return load.apply(argument);
    } catch (CacheLoaderException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new CacheLoaderException(e);
    }
  }
}
