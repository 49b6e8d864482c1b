package dev.carafe.cache;

import dev.carafe.FileOptions.Persist;
import dev.carafe.base.ErrorLog;
import java.util.Set;

/**
 * The state of one cache over {@link CacheStorage}.
 *
 * @param lookup encodes keys, and finds their entries
 * @param expiration the expiration times of entries
 * @param persist the values that are written to the file
 * @param removals notifies the removal listeners
 * @param flights the loads in flight
 * @param iterations the active iterations over all entries
 * @param counters counts the values that enter and leave memory
 * @param <K> keys
 */
record CacheState<K>(
    EntryLookup<K> lookup,
    Expiration<K, ?> expiration,
    Set<Persist> persist,
    RemovalNotifier<K, ?> removals,
    Flights<K> flights,
    Iterations<K> iterations,
    Counters counters) {

  CacheState(
      EntryLookup<K> lookup,
      Expiration<K, ?> expiration,
      Set<Persist> persist,
      RemovalNotifier<K, ?> removals,
      KeyLocks locks) {
    this(
        lookup,
        expiration,
        persist,
        removals,
        new Flights<>(locks),
        new Iterations<>(),
        new Counters());
  }

  KeyEncoder<K> keys() {
    return lookup.keys();
  }

  ErrorLog errors() {
    return removals.errors();
  }
}
