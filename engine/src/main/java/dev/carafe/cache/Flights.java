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
 * The loads in flight: at most one read of the file, load or future for each key, and beside it at
 * most one refresh for each key, during which readers get the old value.
 *
 * <p>Each load is begun once and ended once. Codecs and loaders that run in between may throw: the
 * thread or the future that began the load then ends it, too (contract F5).
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

  /**
   * Registers a load and returns null, or returns the load that is already under way. The caller
   * waits for that one.
   */
  @Nullable Load begin(K key, Load mine) {
    while (loads.putIfAbsent(key, mine) != null) {
      Load other =
          loads.computeIfPresent(
              key,
              (k, running) -> {
                running.addWaiter();
                return running;
              });
      if (other != null) {
        return other;
      }
    }
    return null;
  }

  /**
   * Ends a read that no other caller waits for, so that its value need not be kept for them.
   *
   * @return false if a caller waits; nothing changed
   */
  boolean endWithoutWaiters(K key, Load load) {
    Load left =
        loads.computeIfPresent(
            key, (k, running) -> running == load && !running.hasWaiters() ? null : running);
    if (left == load) {
      return false;
    }
    load.complete(null);
    return true;
  }

  /** Registers a refresh and returns null, or returns the refresh that is already under way. */
  @Nullable Load beginRefresh(K key, Load mine) {
    Load now =
        refreshes.compute(
            key,
            (k, running) -> {
              CompletableFuture<?> future = running == null ? null : running.future();
              return future == null || future.isDone() ? mine : running;
            });
    return now == mine ? null : now;
  }

  /** Returns the load of the key that is under way, or null. */
  @Nullable Load get(K key) {
    return loads.isEmpty() ? null : loads.get(key);
  }

  boolean isRefreshing(K key) {
    return refreshes.containsKey(key);
  }

  /** Returns whether this load is registered, so neither ended nor superseded. */
  boolean isRegistered(K key, Load load) {
    return loads.get(key) == load;
  }

  /**
   * Ends a load or a refresh. Waiting callers look the key up again, and take this value if they
   * find none.
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

  /** Ends a load whose future has failed. A value that arrives later is not installed. */
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

  /**
   * Supersedes the load and the refresh of the key, so that their values are not installed. The
   * caller holds the key's lock.
   */
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

  /** Supersedes all loads and refreshes. The caller holds all key locks. */
  void supersedeAll(RemovalCause cause) {
    loads.keySet().forEach(key -> supersede(key, cause));
    refreshes.keySet().forEach(key -> supersede(key, cause));
  }

  /**
   * Unregisters a load without superseding it, since the following removal is part of the load. The
   * caller holds the key's lock.
   */
  void unregister(K key, Load load) {
    loads.remove(key, load);
  }

  /**
   * Supersedes the load under way before a future is put. If the same future is put again,
   * listeners are not notified, as in Caffeine. The caller holds the key's lock.
   */
  void supersedeForFuture(K key, Load load) {
    Load displaced = loads.get(key);
    if (displaced != null && displaced.future() == load.future()) {
      displaced.supersede(null);
    }
    supersede(key, RemovalCause.REPLACED);
  }

  /** Registers the load of a future that was put. The caller holds the key's lock. */
  void put(K key, Load load) {
    Load displaced = loads.put(key, load);
    if (displaced != null) {
      displaced.supersede(RemovalCause.REPLACED);
    }
  }

  /** Returns the keys whose futures are not complete. */
  Set<K> keysWithFutures() {
    Set<K> keys = new LinkedHashSet<>();
    loads.forEach((key, load) -> {
      if (load.future() != null) {
        keys.add(key);
      }
    });
    return keys;
  }

  /** Returns the futures of the refreshes under way. */
  Map<K, CompletableFuture<?>> refreshes() {
    Map<K, CompletableFuture<?>> running = new LinkedHashMap<>();
    refreshes.forEach((key, refresh) -> {
      CompletableFuture<?> future = refresh.future();
      if (future != null && !future.isDone()) {
        running.put(key, future);
      }
    });
    return running;
  }

  /** Checks that each load in flight has a thread that runs it, or a future that is not done. */
  void checkUnderWay() {
    for (ConcurrentMap<K, Load> flights : List.of(loads, refreshes)) {
      flights.forEach((key, flight) ->
          Invariants.check(
              flight.isUnderWay(), "Flights: no thread or future will end the load of " + key));
    }
  }

  /** Checks that all loads have ended. No operation is under way. */
  void checkInvariants() {
    if (!loads.isEmpty() || !refreshes.isEmpty()) {
      throw new IllegalStateException(
          "Flights: loads of "
              + loads.keySet()
              + " and refreshes of "
              + refreshes.keySet()
              + " did not end");
    }
  }
}
