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
 * A table of recent reads in front of the index. It maps a key to its value with one memory access,
 * and records nothing.
 *
 * <p>A read of the index accesses the hash table, its node, the policy's node and the read buffer.
 * An entry whose read the policy has already recorded in this period needs none of these: readers
 * find it here, in one of the {@value Table#WAYS} places of its key's hash. An entry found here may
 * be stale, so the reader checks that it is current ({@link Entry#isLive}) while it holds the
 * chunk. Writers mark the old entry before they change a key's value (invariant 7 of {@link
 * Tiers}).
 *
 * <p>Each place also holds the address of the value, tagged with the period and a part of the hash.
 * So a reader skips entries of other keys without an access to them, and the processor fetches
 * value and entry in parallel.
 *
 * <p>A period ends after as many recorded reads as half of the number of entries. The policy still
 * records one read of each entry in a period, and learns frequencies over several periods. Periods
 * get longer while no entry is evicted. Small caches do not use the table: half of their entries
 * would be too coarse a period, and their metadata fits into the processor's cache. The hit ratio
 * does not change (docs/decisions/0002).
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

  /**
   * The system property that sets the number of entries from which a cache uses the table. Tests
   * set it.
   */
  static final String FEWEST_ENTRIES = "carafe.shortcutFromEntries";

  private final LongSupplier entryCount;
  private final int fewestEntries = Integer.getInteger(FEWEST_ENTRIES, 4096);
  private final StripedCounter recorded = new StripedCounter();
  private volatile Table table = new Table(0);
  private volatile int period;
  private volatile int periodReads = FEWEST_READS;
  private volatile boolean evicting;

  /** Two arrays of the same length. Each place is updated independently. */
  private static final class Table {
    static final int WAYS = 4;

    final @Nullable Entry[] entries;
    final long[] places;

    /**
     * Creates a table for two thirds of the entries, which is enough for those that are read most.
     */
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

    /** Returns the index of a place with this hash and period, or -1. Branch-free. */
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

    /** Claims the place that a lookup would find, else one of an older period, if there is one. */
    void add(Entry entry, int hash, int period) {
      int at = find(hash, period);
      if (at < 0) {
        at = placeToTake(hash, period);
      }
      ENTRY.setRelease(entries, at, entry);
      PLACE.setRelease(places, at, entry.locationWithMark(mark(hash, period)));
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

    /**
     * Removes an entry; returns whether the table held it. The place is then free, even if another
     * thread has just filled it.
     */
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

  /**
   * Reads the value of a key that was read in this period; GONE if it was not, or if the entry is
   * stale.
   */
  @Nullable Object read(
      K key,
      MemoryTier memory,
      Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    Table seen = table;
    int at = seen.isEmpty() ? -1 : seen.find(hash(key), period);
    if (at < 0) {
      return MemoryTier.STALE;
    }
    long place = seen.placeAt(at);
    Entry entry = seen.get(at);
    return entry != null && (entry.key() == key || entry.key().equals(key))
        ? memory.readLive(entry, place, reader)
        : MemoryTier.STALE;
  }

  private static int hash(Object key) {
    int hash = key.hashCode() * 0x9E3779B9;
    return hash ^ hash >>> 15;
  }

  /** Adds an entry whose read the policy has recorded. */
  void add(K key, Entry entry) {
    remember(key, entry);
    if (endsPeriod()) {
      endPeriod();
    }
  }

  /**
   * Returns whether this read ends the period: the last of {@code periodReads} if the thread has a
   * slot of the counter, else one in {@code periodReads} at random.
   */
  private boolean endsPeriod() {
    long counted = recorded.increment();
    return counted == 0
        ? ThreadLocalRandom.current().nextInt(periodReads) == 0
        : counted % periodReads == 0;
  }

  /** Adds an entry that replaces one which the table held. */
  void remember(K key, Entry entry) {
    Table seen = table;
    if (!seen.isEmpty()) {
      seen.add(entry, hash(key), period);
    }
  }

  /**
   * Removes an entry that is no longer its key's value, so that the table does not retain its key.
   *
   * @return whether the table held it
   */
  boolean forget(K key, Entry entry) {
    Table seen = table;
    return !seen.isEmpty() && seen.forget(entry, hash(key));
  }

  /** Handles an eviction: from now on the policy needs the reads. */
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
