package dev.carafe.cache;

import dev.carafe.base.Invariants;
import dev.carafe.region.Tally;
import dev.carafe.tier.Entry;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A shortcut past the index for what was read lately: key to entry in one hop, and no bookkeeping.
 *
 * <p>The index remembers what it holds in a table, a node for the table, a node for the policy, and
 * a buffer of reads that somebody replays. An entry of which the policy has seen a read in this
 * period needs none of that: it is found here, by the key's hash, in one of two neighbouring places
 * of an array. What is found may be stale, so the reader makes sure that the entry is current
 * ({@link Entry#isLive}) while it holds the chunk; whoever changes a key's value says so before
 * (invariant 6 of {@link Tiers}).
 *
 * <p>A period ends when as many reads were recorded as half of the entries: the policy still sees
 * each entry that is read in a period once, and which are read more often it sees over the periods.
 * With few entries that would be too coarse, and all is in the processor's cache anyway: there is
 * no shortcut then. The hit ratio stays where it was (docs/decisions/0002).
 */
final class RecentReads<K> {
  private static final VarHandle PLACE = MethodHandles.arrayElementVarHandle(Entry[].class);
  private static final int PERIODS_PER_TURN = 2;
  private static final int FEWEST_READS = 64;
  private static final int MOST_PLACES = 1 << 28;

  /** With invariants on, as in all tests, the shortcut is taken as often as can be. */
  private static final int FEWEST_ENTRIES = Invariants.ON ? 2 : 4096;

  private final LongSupplier entryCount;
  private final Tally recorded = new Tally();
  private volatile @Nullable Entry[] places = new @Nullable Entry[2];
  private volatile int period;
  private volatile int periodReads = FEWEST_READS;

  /**
   * Nothing yet.
   *
   * @param entryCount how many entries there are; asked for at the end of each period
   */
  RecentReads(LongSupplier entryCount) {
    this.entryCount = entryCount;
  }

  /** The key's entry if it was read in this period; to be read by {@code readLive}. */
  @Nullable Entry find(K key) {
    @Nullable Entry[] table = places;
    int first = place(key, table);
    Entry entry = (Entry) PLACE.getAcquire(table, first);
    if (!isOf(entry, key)) {
      entry = (Entry) PLACE.getAcquire(table, first ^ 1);
      if (!isOf(entry, key)) {
        return null;
      }
    }
    return entry != null && entry.isRecordedIn(period) ? entry : null;
  }

  private static boolean isOf(@Nullable Entry entry, Object key) {
    return entry != null && (entry.key() == key || entry.key().equals(key));
  }

  private static int place(Object key, @Nullable Entry[] table) {
    int hash = key.hashCode() * 0x9E3779B9;
    return (hash ^ hash >>> 15) & (table.length - 1);
  }

  /** The policy has seen a read of this entry. */
  void add(K key, Entry entry) {
    @Nullable Entry[] table = places;
    if (table.length >= FEWEST_ENTRIES) {
      int first = place(key, table);
      entry.record(period);
      Entry before = (Entry) PLACE.getAcquire(table, first);
      if (before != entry) {
        PLACE.setRelease(table, first, entry);
        if (before != null && before.isLive() && !before.key().equals(key)) {
          PLACE.setRelease(table, first ^ 1, before);
        }
      }
    }
    if (endsPeriod()) {
      endPeriod();
    }
  }

  /** Every so many reads: counted where the thread has a seat to count on, else drawn by lot. */
  private boolean endsPeriod() {
    long counted = recorded.increment();
    return counted == 0
        ? ThreadLocalRandom.current().nextInt(periodReads) == 0
        : counted % periodReads == 0;
  }

  /** Forgets what is not its key's value any more, so that keys are not kept for nothing. */
  void forget(K key, Entry entry) {
    @Nullable Entry[] table = places;
    int first = place(key, table);
    PLACE.compareAndSet(table, first, entry, null);
    PLACE.compareAndSet(table, first ^ 1, entry, null);
  }

  private synchronized void endPeriod() {
    long entries = entryCount.getAsLong();
    period++;
    periodReads = Math.clamp(entries / PERIODS_PER_TURN, FEWEST_READS, MOST_PLACES);
    int wanted = Math.clamp(entries, 2, MOST_PLACES);
    if (places.length < wanted && wanted >= FEWEST_ENTRIES) {
      places = new @Nullable Entry[Integer.highestOneBit(wanted - 1) << 1];
    }
  }
}
