package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.base.Invariants;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What is under way with which key: reads of the file, loads and promised futures, one for each
 * key; and beside it refreshes, one for each key, during which readers get the old value.
 *
 * <p>Each has one beginning and one end. All that runs in between, codecs and loaders, may throw
 * anything: the thread or the future that began it ends it then, too (contract F5).
 *
 * @param <K> keys
 */
final class Flights<K> {
  private final KeyLocks locks;
  private final ConcurrentMap<K, Load> loads = new ConcurrentHashMap<>();
  private final ConcurrentMap<K, Load> refreshes = new ConcurrentHashMap<>();

  Flights(KeyLocks locks) {
    this.locks = locks;
  }

  /** Registers a load; returns the one that is under way already, and nothing is registered. */
  @Nullable Load begin(K key, Load mine) {
    return loads.putIfAbsent(key, mine);
  }

  /** Registers a refresh; returns the one that is under way already, and nothing is registered. */
  @Nullable Load beginRefresh(K key, Load mine) {
    Load now =
        refreshes.compute(
            key,
            (k, running) -> {
              CompletableFuture<?> future = running == null ? null : running.promised();
              return future == null || future.isDone() ? mine : running;
            });
    return now == mine ? null : now;
  }

  /** The load of a key. */
  @Nullable Load get(K key) {
    return loads.isEmpty() ? null : loads.get(key);
  }

  boolean isRefreshing(K key) {
    return refreshes.containsKey(key);
  }

  /** Whether this load is still the key's: neither ended nor superseded. */
  boolean has(K key, Load load) {
    return loads.get(key) == load;
  }

  /**
   * Ends a load or a refresh: those who wait look again, and find the value or take it from here.
   */
  void end(K key, Load load, @Nullable Object value) {
    try {
      if (!loads.remove(key, load)) {
        refreshes.remove(key, load);
      }
    } finally {
      load.complete(value);
    }
  }

  /** Ends a load whose future has failed: what it may still bring is not kept. */
  void abandon(K key, Load load) {
    ReentrantLock lock = locks.of(key);
    lock.lock();
    try {
      load.supersede(null);
    } finally {
      lock.unlock();
      end(key, load, null);
    }
  }

  /** Under the key's lock: what is under way is not installed any more. */
  void supersede(K key, RemovalCause cause) {
    supersede(loads, key, cause);
    supersede(refreshes, key, cause);
  }

  private void supersede(ConcurrentMap<K, Load> from, K key, RemovalCause cause) {
    Load load = from.isEmpty() ? null : from.remove(key);
    if (load != null) {
      if (locks.isReadModifyWrite(key) && !load.isOwnedByCurrentThread()) {
        load.requireRetry();
      }
      load.supersede(cause);
    }
  }

  /** Under all locks. */
  void supersedeAll(RemovalCause cause) {
    loads.keySet().forEach(key -> supersede(key, cause));
    refreshes.keySet().forEach(key -> supersede(key, cause));
  }

  /** Under the key's lock: a load that belongs to this removal and goes on. */
  void forget(K key, Load load) {
    loads.remove(key, load);
  }

  /**
   * Under the key's lock: a future that was put is about to take the place of what is under way. If
   * it is put once more, listeners are told nothing, as in Caffeine.
   */
  void displace(K key, Load load) {
    Load displaced = loads.get(key);
    if (displaced != null && displaced.promised() == load.promised()) {
      displaced.supersede(null);
    }
    supersede(key, RemovalCause.REPLACED);
  }

  /** Under the key's lock: a future that was put is what the key has now. */
  void put(K key, Load load) {
    Load displaced = loads.put(key, load);
    if (displaced != null) {
      displaced.supersede(RemovalCause.REPLACED);
    }
  }

  /** The keys whose futures are under way. */
  Set<K> promisedKeys() {
    Set<K> keys = new LinkedHashSet<>();
    loads.forEach((key, load) -> {
      if (load.promised() != null) {
        keys.add(key);
      }
    });
    return keys;
  }

  /** The futures of the refreshes under way. */
  Map<K, CompletableFuture<?>> refreshes() {
    Map<K, CompletableFuture<?>> running = new LinkedHashMap<>();
    refreshes.forEach((key, refresh) -> {
      CompletableFuture<?> future = refresh.promised();
      if (future != null && !future.isDone()) {
        running.put(key, future);
      }
    });
    return running;
  }

  /** Each flight that began and has not ended has a thread in it, or a future that is not done. */
  void checkUnderWay() {
    for (ConcurrentMap<K, Load> flights : List.of(loads, refreshes)) {
      flights.forEach((key, flight) ->
          Invariants.check(flight.isUnderWay(), "Flights: the flight of " + key + " never ends"));
    }
  }

  /** Where no operation is under way: each flight that began has ended. */
  void checkInvariants() {
    if (!loads.isEmpty() || !refreshes.isEmpty()) {
      throw new IllegalStateException(
          "never ended: loads of " + loads.keySet() + ", refreshes of " + refreshes.keySet());
    }
  }
}
