package dev.carafe.jcache;

import dev.carafe.jcache.Tickets.Ticket;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheLoaderException;
import org.jspecify.annotations.Nullable;

/**
 * Read-through: one load of a key at a time, without a lock. A change of the key meanwhile wins: it
 * comes after the load in the cache, and the load has no event.
 */
record Loading<K, V>(Store<K, V> store, CacheLoader<K, V> loader) {
  /** The key's value, loaded if it is missing. */
  @Nullable V get(K key) {
    for (; ; ) {
      Map<K, Ticket<V>> mine = new HashMap<>();
      Ticket<V> ticket = store.loads.beginOrJoin(key, begun -> mine.put(key, begun));
      if (!mine.isEmpty()) {
        return lead(key, ticket);
      }
      V loaded = ticket.await(key);
      V now = loaded == null ? store.peek(key) : loaded;
      if (now != null) {
        return now;
      }
    }
  }

  private @Nullable V lead(K key, Ticket<V> ticket) {
    V value = null;
    try {
      value = store.peek(key);
      if (value == null) {
        value = store.keep(key, guarded(key, loader::load), ticket);
      }
      return value;
    } finally {
      store.loads.end(key, ticket, value);
    }
  }

  /** What the loader has of these keys, and keeps in the cache. */
  Map<K, V> getAll(Set<? extends K> keys) {
    Map<K, V> all = new HashMap<>();
    Map<K, Ticket<V>> mine = new LinkedHashMap<>();
    Set<K> others = new LinkedHashSet<>();
    try {
      for (K key : keys) {
        Ticket<V> ticket = store.loads.beginOrJoin(key, begun -> mine.put(key, begun));
        if (mine.get(key) != ticket) {
          others.add(key);
        }
      }
      Set<K> missing = new LinkedHashSet<>();
      for (K key : mine.keySet()) {
        V present = store.peek(key);
        if (present == null) {
          missing.add(key);
        } else {
          all.put(key, present);
        }
      }
      Map<K, V> loaded = missing.isEmpty() ? Map.of() : loadAll(missing);
      mine.forEach((key, ticket) -> {
        V value = missing.contains(key) ? store.keep(key, loaded.get(key), ticket) : null;
        if (value != null) {
          all.put(key, value);
        }
      });
    } finally {
      mine.forEach((key, ticket) -> store.loads.end(key, ticket, all.get(key)));
    }
    for (K key : others) { // after the own ones have ended: two calls can't wait for each other
      V value = get(key);
      if (value != null) {
        all.put(key, value);
      }
    }
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
    Map<K, Ticket<V>> mine = new LinkedHashMap<>();
    try {
      for (K key : keys) {
        if (replaceExisting || store.peek(key) == null) {
          mine.put(key, store.loads.begin(key));
        }
      }
      loadAll(mine.keySet())
          .forEach(
              (key, value) -> store.locked(key, k -> put(k, value, mine.get(k), replaceExisting)));
    } finally {
      mine.forEach((key, ticket) -> store.loads.end(key, ticket, null));
    }
  }

  private boolean put(K key, V value, @Nullable Ticket<V> ticket, boolean replaceExisting) {
    boolean current = ticket == null || !ticket.isSuperseded();
    return current
        && (replaceExisting || store.peek(key) == null)
        && store.put(key, value, false).written();
  }

  private static <A, R> R guarded(A argument, Function<A, R> load) {
    try {
      return load.apply(argument);
    } catch (CacheLoaderException | Error e) {
      throw e;
    } catch (Throwable t) { // checked ones, too: not all languages declare them
      throw new CacheLoaderException(t);
    }
  }
}
