package dev.carafe.tier;

import dev.carafe.region.ChunkRef;
import dev.carafe.region.StripedCounter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * A table of recent reads in front of the index. It leads from a key's hash to the chunk that holds
 * the key and its value, with one memory access, and records nothing.
 *
 * <p>A read of the index accesses the hash table, its node, the policy's node and the read buffer.
 * An entry whose read the policy has already recorded in this period needs none of these: readers
 * find its chunk here, in one of the {@value Table#WAYS} places of its key's hash. A place holds
 * the chunk's address, tagged with the period and a part of the hash.
 *
 * <ul>
 *   <li>1. A place of the current table leads to a chunk whose entry is its key's value, or the
 *       thread that changes the value is about to remove the place.
 *   <li>2. Places are added under the key's lock, while the entry can't be released ({@link
 *       Entry#beginListing}). They are removed before the key's value changes, and when its entry
 *       is released.
 *   <li>3. A reader publishes the chunk as a hazard pointer and then checks that the place and the
 *       table are unchanged ({@link #isCurrent}). So it reads the key's value at that moment, and
 *       the chunk is not reused before it leaves.
 * </ul>
 *
 * <p>A period ends after as many recorded reads as half of the number of entries. The policy still
 * records one read of each entry in a period, and learns frequencies over several periods. Periods
 * get longer while no entry is evicted. Small caches do not use the table: half of their entries
 * would be too coarse a period, and their metadata fits into the processor's cache. The hit ratio
 * does not change (docs/decisions/0002).
 */
public final class RecentReads {
  private static final VarHandle PLACE = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int PERIODS_PER_TURN = 2;
  private static final int LONGEST_TURNS = 8;
  private static final int FEWEST_READS = 64;
  private static final int MOST_READS = 1 << 27;
  private static final int HASH_BITS = 11;
  private static final int HASH_MASK = (1 << HASH_BITS) - 1;
  private static final int PERIOD_MASK = 0x1F;

  static {
    // The JVM links a VarHandle's call when it is first made, which needs heap: each is made once
    // here, so that an entry that was listed can be removed when the heap is full (F5).
    Table table = new Table(FEWEST_READS);
    table.add(1, 0, 1);
    table.replace(1, 1, 2);
    var _ = table.remove(1);
    var _ = table.find(1, 0);
  }

  /**
   * The system property that sets the number of entries from which a cache uses the table. Tests
   * set it.
   */
  public static final String FEWEST_ENTRIES = "carafe.shortcutFromEntries";

  private final int fewestEntries = Integer.getInteger(FEWEST_ENTRIES, 4096);
  private final StripedCounter recorded = new StripedCounter();
  private volatile Table table = new Table(0);
  private volatile int period;
  private volatile int periodReads = FEWEST_READS;
  private volatile boolean evicting;

  /** Each place is updated independently. */
  static final class Table {
    static final int WAYS = 4;
    private static final int MOST_PLACES = 1 << 30;

    private final long[] places;

    /**
     * Creates a table with twice as many places as entries, so that 5 % of the buckets get more
     * entries than they have places.
     */
    Table(int entryCount) {
      places = new long[(int) Math.min(MOST_PLACES, Math.ceilDiv(2L * entryCount, WAYS) * WAYS)];
    }

    boolean isTooSmallFor(int entryCount) {
      return places.length < Math.min(MOST_PLACES, entryCount + entryCount / 4L);
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

    /** Whether a place is unchanged; if so, the chunk's content is visible to the caller. */
    boolean holds(int at, long place) {
      return (long) PLACE.getAcquire(places, at) == place;
    }

    /** Claims the key's place of an older period, else any of an older period, else any. */
    void add(int hash, int period, long ref) {
      int first = first(hash);
      int at = first + (hash & (WAYS - 1)); // any
      for (int way = 0; way < WAYS; way++) {
        long place = placeAt(first + way);
        if (isOf(hash, place)) {
          at = first + way;
          break;
        }
        at = isIn(period, place) ? at : first + way;
      }
      PLACE.setVolatile(places, at, ChunkRef.place(ref, mark(hash, period)));
    }

    /**
     * Removes the places of a key, and of others with the same mark; returns whether there were
     * any.
     */
    boolean remove(int hash) {
      boolean found = false;
      int first = first(hash);
      for (int at = first; at < first + WAYS; at++) {
        long place = placeAt(at);
        if (place != ChunkRef.NONE && isOf(hash, place)) {
          PLACE.setVolatile(places, at, ChunkRef.NONE);
          found = true;
        }
      }
      return found;
    }

    /** Changes the places that lead to a chunk, without adding one. */
    void replace(int hash, long from, long to) {
      int first = first(hash);
      for (int at = first; at < first + WAYS; at++) {
        long place = placeAt(at);
        if (place != ChunkRef.NONE && ChunkRef.isAt(from, place)) {
          long changed = ChunkRef.place(to, ChunkRef.mark(place));
          var _ = PLACE.compareAndSet(places, at, place, changed); // else it was removed meanwhile
        }
      }
    }

    private static int mark(int hash, int period) {
      return period << HASH_BITS | (hash & HASH_MASK); // the upper bits led here
    }

    private static boolean isOf(int hash, long place) {
      return ((ChunkRef.mark(place) ^ hash) & HASH_MASK) == 0;
    }

    private static boolean isIn(int period, long place) {
      return ((ChunkRef.mark(place) >>> HASH_BITS ^ period) & PERIOD_MASK) == 0;
    }
  }

  RecentReads() {}

  Table table() {
    return table;
  }

  /** Returns the index of the key's place in this period, or -1. */
  int find(Table in, int hash) {
    return in.isEmpty() ? -1 : in.find(hash, period);
  }

  /** Whether a place that was found is still there; asked after the chunk was published. */
  boolean isCurrent(Table in, int at, long place) {
    return in.holds(at, place) && table == in;
  }

  /** Adds a chunk, under the key's lock, between begin and end of the entry's listing. */
  void add(int hash, long ref) {
    Table seen = table;
    if (!seen.isEmpty()) {
      seen.add(hash, period, ref);
    }
  }

  /**
   * Removes a key before its value changes, or when its entry is released. A release holds no lock:
   * if another thread has put a new value meanwhile and added it, that is removed, too, and added
   * again by a later read.
   *
   * @return whether the table held it
   */
  boolean remove(int hash) {
    Table seen = table;
    return !seen.isEmpty() && seen.remove(hash);
  }

  /** Changes the chunk of an entry, which the caller has claimed. */
  void replaceChunk(int hash, long from, long to) {
    Table seen = table;
    if (!seen.isEmpty()) {
      seen.replace(hash, from, to);
    }
  }

  /**
   * Counts a read that the policy has recorded.
   *
   * @param entryCount how many entries there are; asked for at the end of a period
   */
  public void countRead(LongSupplier entryCount) {
    if (endsPeriod()) {
      endPeriod(entryCount.getAsLong());
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

  /**
   * Handles an eviction: from now on the policy needs the reads.
   *
   * @param entryCount how many entries there are
   */
  public void countEviction(LongSupplier entryCount) {
    if (!evicting) {
      evicting = true;
      endLongPeriod(entryCount.getAsLong());
    }
  }

  private synchronized void endLongPeriod(long entries) {
    int reads = periodReads(entries);
    if (periodReads > reads) {
      periodReads = reads;
      period++;
    }
  }

  private synchronized void endPeriod(long entries) {
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

  /** Visits the chunks in the table, each with its region and slot but without its generation. */
  void forEach(LongConsumer visitor) {
    Table seen = table;
    for (int at = 0; at < seen.places.length; at++) {
      long place = seen.placeAt(at);
      if (place != ChunkRef.NONE) {
        visitor.accept(place);
      }
    }
  }
}
