package dev.carafe.cache;

import dev.carafe.base.Invariants;
import dev.carafe.tier.Entry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Checks one cache as a whole, while no operation is under way. The file tier checks itself.
 *
 * <ul>
 *   <li>1. All that entered the gate left it, and no key's lock is held.
 *   <li>2. A read of the file, a load or a refresh under way has a thread in it, or a future that
 *       is not done.
 *   <li>3. What waits in the spill is in its line, so that it is settled.
 *   <li>4. An entry is found under its own key, and by the shortcut only if it is the key's.
 *   <li>5. What came into memory is what left it and what is there (contract B3).
 * </ul>
 *
 * @param <K> keys
 */
final class CacheCheck<K> {
  private final Tiers<K> tiers;
  private final Gate gate;

  CacheCheck(Tiers<K> tiers, Gate gate) {
    this.tiers = tiers;
    this.gate = gate;
  }

  void run() {
    evictExcess();
    Invariants.check(
        gate.operationCount() == 0, "Gate: " + gate.operationCount() + " operations did not end");
    Invariants.check(tiers.locks.lockedCount() == 0, "KeyLocks: one is held");
    tiers.flights.checkUnderWay();
    List<Entry> entries = new ArrayList<>(tiers.contents.waiting());
    tiers
        .index()
        .entries()
        .forEach((key, entry) -> {
          Invariants.check(
              key.equals(entry.key()), "HeapIndex: " + key + " leads to " + entry.key());
          entries.add(entry);
        });
    tiers.memory.checkInvariants(entries);
    tiers.index().forEachRecent(this::checkRecent);
    checkCounters(entries);
  }

  /** What has expired or is on its way out goes first: Caffeine's views do not show it. */
  private void evictExcess() {
    try {
      tiers.demotion.relieve();
    } catch (RuntimeException | Error e) {
      // the application's code, which throws for a test: what it left behind is checked
    }
  }

  private void checkRecent(Entry entry) {
    @SuppressWarnings("unchecked")
    K key = (K) entry.key();
    Invariants.check(
        !entry.isLive() || tiers.findQuietly(key) == entry,
        "Tiers 6: a shortcut leads to another value of " + key);
  }

  private void checkCounters(Collection<Entry> entries) {
    Counters c = tiers.counters;
    long in = c.puts.sum() + c.promotions.sum();
    long moved = c.spilled.sum() + c.droppedClean.sum();
    long gone = c.overwritten.sum() + c.invalidated.sum() + c.dropped.sum() + c.expired.sum();
    Invariants.check(
        in == moved + gone + entries.size(),
        "Counters: %d entries in memory, and %s".formatted(entries.size(), c));
  }
}
