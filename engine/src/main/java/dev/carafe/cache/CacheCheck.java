package dev.carafe.cache;

import dev.carafe.base.Invariants;
import dev.carafe.tier.Entry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Checks the invariants of one cache while no operation is under way. The file tier has its own
 * check.
 *
 * <ul>
 *   <li>1. All operations of the gate have ended, and no key lock is held.
 *   <li>2. A read of the file, a load or a refresh under way has a thread that runs it, or a future
 *       that is not done.
 *   <li>3. Each entry in the spill's map is in its queue, so that it is settled.
 *   <li>4. The key of an entry in index or spill leads to the entry, no replacement is under way,
 *       and the table of recent reads holds only current entries.
 *   <li>5. The number of entries that were added to memory is that of the entries that left it plus
 *       those in it (contract B3).
 * </ul>
 *
 * @param <K> keys
 */
final class CacheCheck<K> {
  /** Caffeine's maintenance may be under way on the executor. */
  private static final long MAINTENANCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Tiers<K> tiers;
  private final Gate gate;

  CacheCheck(Tiers<K> tiers, Gate gate) {
    this.tiers = tiers;
    this.gate = gate;
  }

  void run() {
    evictExcess();
    Invariants.check(
        gate.awaitOperations(MAINTENANCE_NANOS),
        "Gate: " + gate.operationCount() + " operations did not end");
    Invariants.check(tiers.storage.locks.lockedCount() == 0, "KeyLocks: a lock is held");
    tiers.cache.flights().checkUnderWay();
    Invariants.check(
        tiers.cache.lookup().replacementCount() == 0,
        "EntryLookup: " + tiers.cache.lookup().replacementCount() + " replacements did not end");
    List<Entry> entries = new ArrayList<>(tiers.storage.spill.checkedEntries());
    entries.addAll(tiers.index.entries());
    entries.forEach(this::checkReachable);
    tiers.storage.memory.reads().forEachRecent(this::checkRecent);
    checkCounters(entries);
  }

  /** Removes expired and evicted entries first, since Caffeine's views hide them. */
  private void evictExcess() {
    try {
      tiers.demotion.evictExcess();
      tiers.changes.removeSuperseded();
    } catch (RuntimeException | Error e) {
      // in a test the application's code may throw; the state after that is checked
    }
  }

  private void checkRecent(@Nullable Entry entry) {
    Invariants.check(
        entry != null
            && tiers.storage.memory.generation().isLive(entry)
            && (tiers.index.contains(entry)
                || tiers.storage.spill.contains(entry)
                || tiers.cache.expiration().isExpired(entry.expiresAtNanos())),
        "RecentReads 1: the table holds a stale value, of " + entry);
  }

  private void checkReachable(Entry entry) {
    K key = tiers.cache.lookup().keyOf(entry);
    Entry found = key == null ? entry : tiers.entries.findQuietly(key);
    Invariants.check(
        found == entry
            || (found == null && tiers.cache.expiration().isExpired(entry.expiresAtNanos())),
        "EntryLookup: the key of " + entry + " leads to " + found);
  }

  private void checkCounters(Collection<Entry> entries) {
    Counters c = tiers.cache.counters();
    long in = c.puts.sum() + c.promotions.sum();
    long moved = c.spilled.sum() + c.droppedClean.sum();
    long gone = c.overwritten.sum() + c.invalidated.sum() + c.dropped.sum() + c.expired.sum();
    Invariants.check(
        in == moved + gone + entries.size(),
        "Counters: %d entries in memory, and %s".formatted(entries.size(), c));
  }
}
