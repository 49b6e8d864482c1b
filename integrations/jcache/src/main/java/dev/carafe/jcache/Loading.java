package dev.carafe.jcache;

import dev.carafe.jcache.Tickets.Ticket;
import dev.carafe.spi.KeyBytes;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheLoaderException;
import javax.cache.integration.CompletionListener;
import org.jspecify.annotations.Nullable;

/**
 * Read-through: one load of a key at a time, without a lock. A change of the key during the load
 * wins: the loaded value is not put into the cache, and there is no event for it.
 */
record Loading<K, V>(EntryOperations<K, V> operations, CacheLoader<K, V> loader) {
  /** A key that this thread loads. */
  private record Led<K, V>(K key, Ticket<V> ticket) {}

  /** Returns the key's value, and loads a missing one. */
  @Nullable V get(K key) {
    KeyBytes bytes = operations.copies.bytes(key);
    for (; ; ) {
      Ticket<V> mine = Ticket.shared();
      Ticket<V> ticket = operations.loads.beginOrJoin(bytes, mine);
      if (ticket == mine) {
        return lead(key, bytes, mine);
      }
      V loaded = ticket.await(key);
      V now = loaded == null ? operations.peek(key) : loaded;
      if (now != null) {
        return now;
      }
    }
  }

  private @Nullable V lead(K key, KeyBytes bytes, Ticket<V> ticket) {
    V value = null;
    try {
      value = operations.peek(key);
      if (value == null) {
        value = operations.keep(key, guarded(key, loader::load), ticket);
      }
      return value;
    } finally {
      operations.loads.end(bytes, ticket, value);
    }
  }

  /** Loads these keys and puts the values into the cache. */
  Map<K, V> getAll(Set<? extends K> keys) {
    Map<KeyBytes, V> all = new HashMap<>();
    Map<KeyBytes, Led<K, V>> mine = new LinkedHashMap<>();
    Map<KeyBytes, K> others = new LinkedHashMap<>();
    try {
      for (K key : keys) {
        beginOrJoin(key, mine, others);
      }
      Map<KeyBytes, Led<K, V>> missing = new LinkedHashMap<>();
      mine.forEach((bytes, led) -> {
        V present = operations.peek(led.key);
        if (present == null) {
          missing.put(bytes, led);
        } else {
          all.put(bytes, present);
        }
      });
      Map<KeyBytes, V> loaded = loadAll(missing);
      missing.forEach((bytes, led) -> {
        V value = operations.keep(led.key, loaded.get(bytes), led.ticket);
        if (value != null) {
          all.put(bytes, value);
        }
      });
    } finally {
      mine.forEach((bytes, led) -> operations.loads.end(bytes, led.ticket, all.get(bytes)));
    }
    Map<K, V> found = new HashMap<>();
    mine.forEach((bytes, led) -> putIfThere(found, led.key, all.get(bytes)));
    // after this call's own loads, so that two calls can't wait for each other
    others.forEach((bytes, key) -> putIfThere(found, key, get(key)));
    return found;
  }

  private void beginOrJoin(K key, Map<KeyBytes, Led<K, V>> mine, Map<KeyBytes, K> others) {
    KeyBytes bytes = operations.copies.bytes(key);
    if (mine.containsKey(bytes)) {
      return; // equal by its bytes to one before it
    }
    Ticket<V> ticket = Ticket.shared();
    mine.put(bytes, new Led<>(key, ticket)); // before the load, so that it always ends
    if (operations.loads.beginOrJoin(bytes, ticket) != ticket) {
      mine.remove(bytes);
      others.put(bytes, key);
    }
  }

  private void putIfThere(Map<K, V> found, K key, @Nullable V value) {
    if (value != null) {
      found.put(key, value);
    }
  }

  /** Loads keys. Drops nulls and keys that were not requested. */
  private Map<KeyBytes, V> loadAll(Map<KeyBytes, Led<K, V>> wanted) {
    if (wanted.isEmpty()) {
      return Map.of();
    }
    Set<K> keys = new LinkedHashSet<>();
    wanted.values().forEach(led -> keys.add(led.key));
    Map<K, V> loaded = guarded(keys, k -> loader.loadAll(k));
    Map<KeyBytes, V> found = new LinkedHashMap<>();
    if (loaded != null) {
      loaded.forEach((key, value) -> {
        KeyBytes bytes = key == null || value == null ? null : operations.copies.bytes(key);
        if (bytes != null && wanted.containsKey(bytes)) {
          found.put(bytes, value);
        }
      });
    }
    return found;
  }

  /** Loads keys into the cache. */
  void loadAll(Set<? extends K> keys, boolean replaceExisting) {
    Map<KeyBytes, Led<K, V>> mine = new LinkedHashMap<>();
    try {
      for (K key : keys) {
        KeyBytes bytes = operations.copies.bytes(key);
        if (!mine.containsKey(bytes) && (replaceExisting || operations.peek(key) == null)) {
          Led<K, V> led = new Led<>(key, Ticket.alone());
          mine.put(bytes, led); // before the load, so that it always ends
          operations.loads.begin(bytes, led.ticket);
        }
      }
      Map<KeyBytes, V> loaded = loadAll(mine);
      mine.forEach((bytes, led) -> {
        V value = loaded.get(bytes);
        if (value != null) {
          operations.locked(led.key, k -> put(k, value, led.ticket, replaceExisting));
        }
      });
    } finally {
      mine.forEach((bytes, led) -> operations.loads.end(bytes, led.ticket, null));
    }
  }

  private boolean put(K key, V value, Ticket<V> ticket, boolean replaceExisting) {
    return !ticket.isSuperseded()
        && (replaceExisting || operations.peek(key) == null)
        && operations.set(key, value, false);
  }

  /**
   * Runs the loads of {@code loadAll} on a thread of their own: a slow loader must not block the
   * pool that runs the listeners.
   */
  static void start(Runnable loads, @Nullable CompletionListener told) {
    Runnable task =
        () -> {
          Exception failed = null;
          try {
            loads.run();
          } catch (CacheLoaderException e) {
            failed = e;
          } catch (Throwable t) { // otherwise the listener would wait forever
            failed = new CacheLoaderException(t);
          }
          if (told != null && failed == null) {
            told.onCompletion();
          } else if (told != null) {
            told.onException(failed);
          }
        };
    var _ = Thread.ofVirtual().name("carafe-jcache-load").start(task);
  }

  /** Loads, and throws a {@link CacheLoaderException} for each exception of the loader. */
  static <A, R> R guarded(A argument, Function<A, R> load) {
    try {
      return load.apply(argument);
    } catch (CacheLoaderException | Error e) {
      throw e;
    } catch (Throwable t) { // also checked exceptions, which not all languages declare
      throw new CacheLoaderException(t);
    }
  }
}
