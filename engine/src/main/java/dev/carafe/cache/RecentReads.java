package dev.carafe.cache;

import dev.carafe.region.ChunkRef;
import dev.carafe.region.StripedCounter;
import dev.carafe.tier.Entry;
import dev.carafe.tier.MemoryTier;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A shortcut past the index for what was read lately: key to value in one hop, and no bookkeeping.
 *
 * <p>The index remembers what it holds in a table, a node for the table, a node for the policy, and
 * a buffer of reads that somebody replays. An entry of which the policy has seen a read in this
 * period needs none of that: it is found here, in one of the {@value Table#WAYS} places of its
 * key's hash. What is found may be stale, so the reader makes sure that the entry is current
 * ({@link Entry#isLive}) while it holds the chunk; whoever changes a key's value says so before
 * (invariant 7 of {@link Tiers}).
 *
 * <p>Beside each entry stands where its value lies, marked with the period and a part of the hash:
 * another key's entry is passed without a look at it, and the value is fetched while the entry is.
 *
 * <p>A period ends when as many reads were recorded as half of the entries: the policy still sees
 * each entry that is read in a period once, and which are read more often it sees over the periods.
 * While nothing is evicted there is nothing to decide, and periods get longer. With few entries
 * half of them would be too coarse, and all is in the processor's cache anyway: there is no
 * shortcut then. The hit ratio stays where it was (docs/decisions/0002).
 */
final class RecentReads<K> {
  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(Entry[].class);
  private static final VarHandle PLACE = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int PERIODS_PER_TURN = 2;
  private static final int LONGEST_TURNS = 8;
  private static final int FEWEST_READS = 64;
  private static final int MOST_READS = 1 << 27;
  private static final int HASH_BITS = 11;
  private static final int HASH_MASK = (1 << HASH_BITS) - 1;
  private static final int PERIOD_MASK = 0x1F;

  /** A system property: from how many entries on a cache has the shortcut. Tests set it. */
  static final String FEWEST_ENTRIES = "carafe.shortcutFromEntries";

  private final LongSupplier entryCount;
  private final int fewestEntries = Integer.getInteger(FEWEST_ENTRIES, 4096);
  private final StripedCounter recorded = new StripedCounter();
  private volatile Table table = new Table(0);
  private volatile int period;
  private volatile int periodReads = FEWEST_READS;
  private volatile boolean evicting;

  /** Two arrays of the same length; each place changes by itself. */
  private static final class Table {
    static final int WAYS = 4;

    final @Nullable Entry[] entries;
    final long[] places;

    /** Room for two thirds of the entries: what is read most of all is found in less. */
    Table(int entryCount) {
      int length = Math.ceilDiv(entryCount, 6) * WAYS;
      entries = new @Nullable Entry[length];
      places = new long[length];
    }

    boolean isTooSmallFor(int entryCount) {
      return places.length < entryCount / 2;
    }

    boolean isEmpty() {
      return places.length == 0;
    }

    private int first(int hash) {
      long buckets = places.length / WAYS;
      return (int) ((Integer.toUnsignedLong(hash) * buckets) >>> Integer.SIZE) * WAYS;
    }

    /** Where something of this hash and period is, or -1; without a branch that depends on it. */
    int find(int hash, int period) {
      int first = first(hash);
      int mark = mark(hash, period);
      int found = 0;
      for (int way = 0; way < WAYS; way++) {
        found |= ChunkRef.markedBit(placeAt(first + way), mark) << way;
      }
      return found == 0 ? -1 : first + Integer.numberOfTrailingZeros(found);
    }

    long placeAt(int at) {
      return (long) PLACE.getOpaque(places, at);
    }

    @Nullable Entry get(int at) {
      return (Entry) ENTRY.getAcquire(entries, at);
    }

    /** Takes the place that would be found first, else another period's, if there is one. */
    void add(Entry entry, int hash, int period) {
      int at = find(hash, period);
      if (at < 0) {
        at = placeToTake(hash, period);
      }
      ENTRY.setRelease(entries, at, entry);
      PLACE.setRelease(places, at, entry.place(mark(hash, period)));
    }

    private int placeToTake(int hash, int period) {
      int first = first(hash);
      int at = first + (hash & (WAYS - 1)); // any
      for (int way = 0; way < WAYS; way++) {
        if (!isOf(period, placeAt(first + way))) {
          at = first + way;
        }
      }
      return at;
    }

    /** Whether it was here. The place is another's to take, though something just came there. */
    boolean forget(Entry entry, int hash) {
      boolean was = false;
      int first = first(hash);
      for (int at = first; at < first + WAYS; at++) {
        if (get(at) == entry && ENTRY.compareAndSet(entries, at, entry, null)) {
          PLACE.setOpaque(places, at, 0L);
          was = true;
        }
      }
      return was;
    }

    private static int mark(int hash, int period) {
      return period << HASH_BITS | (hash & HASH_MASK); // the upper bits led here
    }

    private static boolean isOf(int period, long place) {
      return ((ChunkRef.mark(place) >>> HASH_BITS ^ period) & PERIOD_MASK) == 0;
    }
  }

  /**
   * Nothing yet.
   *
   * @param entryCount how many entries there are; asked for at the end of each period
   */
  RecentReads(LongSupplier entryCount) {
    this.entryCount = entryCount;
  }

  /** Looks at the value of a key that was read in this period; GONE if it was not, or is stale. */
  @Nullable Object read(
      K key,
      MemoryTier memory,
      Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    Table seen = table;
    int at = seen.isEmpty() ? -1 : seen.find(hash(key), period);
    if (at < 0) {
      return MemoryTier.GONE;
    }
    long place = seen.placeAt(at);
    Entry entry = seen.get(at);
    return entry != null && (entry.key() == key || entry.key().equals(key))
        ? memory.readLive(entry, place, reader)
        : MemoryTier.GONE;
  }

  private static int hash(Object key) {
    int hash = key.hashCode() * 0x9E3779B9;
    return hash ^ hash >>> 15;
  }

  /** The policy has seen a read of this entry. */
  void add(K key, Entry entry) {
    remember(key, entry);
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

  /** The policy has seen a write of this entry, in place of one that was to be found here. */
  void remember(K key, Entry entry) {
    Table seen = table;
    if (!seen.isEmpty()) {
      seen.add(entry, hash(key), period);
    }
  }

  /**
   * Forgets what is not its key's value any more, so that keys are not kept for nothing.
   *
   * @return whether it was to be found here
   */
  boolean forget(K key, Entry entry) {
    Table seen = table;
    return !seen.isEmpty() && seen.forget(entry, hash(key));
  }

  /** One leaves for want of room, or of time: now it matters which are read. */
  void evicted(K key, Entry entry) {
    var _ = forget(key, entry);
    if (!evicting) {
      evicting = true;
      endLongPeriod();
    }
  }

  void forEach(Consumer<Entry> visitor) {
    Table seen = table;
    for (int at = 0; at < seen.entries.length; at++) {
      Entry entry = seen.get(at);
      if (entry != null) {
        visitor.accept(entry);
      }
    }
  }

  private synchronized void endLongPeriod() {
    int reads = periodReads(entryCount.getAsLong());
    if (periodReads > reads) {
      periodReads = reads;
      period++;
    }
  }

  private synchronized void endPeriod() {
    long entries = entryCount.getAsLong();
    int reads = periodReads(entries);
    period++;
    periodReads =
        evicting ? reads : (int) Math.clamp(2L * periodReads, reads, (long) LONGEST_TURNS * reads);
    evicting = false;
    if (entries >= fewestEntries && table.isTooSmallFor(2 * reads)) {
      table = new Table(2 * reads);
    }
  }

  private static int periodReads(long entries) {
    return Math.clamp(entries / PERIODS_PER_TURN, FEWEST_READS, MOST_READS);
  }
}
