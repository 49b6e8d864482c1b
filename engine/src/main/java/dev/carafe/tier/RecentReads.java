package dev.carafe.tier;

import dev.carafe.region.ChunkRef;
import dev.carafe.region.StripedCounter;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A set-associative table of recent reads in front of the index. It maps a key's hash to the chunk
 * that holds the key and its value. A read of the table is one memory access and records nothing
 * for the eviction policy.
 *
 * <p>A read of the index accesses the hash table, its node, the policy's node and the policy's read
 * buffer. The table saves these accesses for an entry whose read the policy has already recorded in
 * the current period. Each key's hash selects a set of {@value RecentReadsTable#WAYS} ways. A way
 * holds a {@linkplain ChunkRef#tagged tagged ref}: region and slot of the chunk, tagged with the
 * period and a part of the hash.
 *
 * <ul>
 *   <li>1. A ref in the current table names a chunk whose entry is its key's value, or the thread
 *       that changes the value is about to remove the ref.
 *   <li>2. Refs are added under the key's lock, while the entry can't be released ({@link
 *       Entry#beginListing}). They are removed before the key's value changes, and when its entry
 *       is released.
 *   <li>3. A reader publishes the chunk as a hazard pointer and then checks that the ref and the
 *       table are unchanged ({@link #isCurrent}). So it reads the key's value at that moment, and
 *       the chunk is not reused until the reader has cleared its hazard pointer.
 * </ul>
 *
 * <p>A period ends after as many recorded reads as half of the number of entries. The policy still
 * records one read of each entry in a period, and learns frequencies over several periods. While no
 * entry is evicted, each period is twice as long as the one before, up to eight times. Caches below
 * 4,096 entries use the table only while periods have that length, and drop it at an eviction: with
 * so few entries it would lower the hit ratio (docs/decisions/0002).
 *
 * <p>If entries expire, a period also ends at a time, and has only entries that expire later. So a
 * reader compares one time with the clock for all entries. The time is set to an eighth of the mean
 * remaining lifetime of the entries that are read. Before a period has a number that an earlier
 * period had, an empty table replaces the array: a ref of the earlier period may have expired.
 *
 * <p>Thread-safe. Proved by {@code RecentReadsTest}, {@code ExpiringReadsTest} and {@code
 * BetweenTheTiersTest}.
 */
public final class RecentReads {
  /** The memory of an entry: its ways. */
  public static final int ENTRY_BYTES = RecentReadsTable.WAYS_OF_ENTRY * Long.BYTES;

  /** The number of entries from which a cache that evicts uses the table, without the property. */
  public static final int MIN_ENTRIES = 4096;

  private static final int ENTRIES_PER_READ = 2;
  private static final int MAX_EXTENSION = 8;
  private static final int MIN_PERIOD_READS = 64;
  private static final int MAX_PERIOD_READS = 1 << 27;
  private static final int PERIODS_PER_LIFETIME = 8;
  private static final long MIN_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** A longer remaining lifetime counts as this one. */
  private static final long MAX_LIFETIME_NANOS = TimeUnit.HOURS.toNanos(1);

  /** The weight of the latest lifetime in the mean is one divided by this. */
  private static final int LIFETIMES_IN_MEAN = 16;

  static {
    // The JVM links a VarHandle's call when it is first made, which needs heap: each is made once
    // here, so that a ref can be removed from the table when the heap is full (F5).
    RecentReadsTable table = RecentReadsTable.ofEntries(MIN_PERIOD_READS, RecentReadsTable.NEVER);
    table.add(1, 1);
    table.replace(1, 1, 2);
    var _ = table.remove(1);
    var _ = table.find(1);
  }

  /**
   * The system property that sets the number of entries from which a cache that evicts uses the
   * table. Tests set it.
   */
  public static final String MIN_ENTRIES_PROPERTY = "carafe.recentReads.minEntries";

  private final int minEntries = Integer.getInteger(MIN_ENTRIES_PROPERTY, MIN_ENTRIES);
  private final StripedCounter recorded = new StripedCounter();

  /** The nanoseconds since the epoch; null if entries do not expire. */
  private final @Nullable LongSupplier clock;

  private volatile RecentReadsTable table = RecentReadsTable.NONE;
  private volatile int periodReads = MIN_PERIOD_READS;
  private volatile boolean evicting;

  /** The mean remaining lifetime of the entries that are read. */
  private volatile long lifetimeNanos;

  /**
   * Creates a table without memory.
   *
   * @param clock returns the nanoseconds since the epoch; null if entries do not expire
   */
  public RecentReads(@Nullable LongSupplier clock) {
    this.clock = clock;
  }

  /** Returns the table of the current period. None of its refs had expired when this was called. */
  RecentReadsTable table() {
    RecentReadsTable seen = table;
    return clock == null
            || seen.validUntilNanos() == RecentReadsTable.NEVER
            || clock.getAsLong() < seen.validUntilNanos()
        ? seen
        : endPeriodAfter(seen);
  }

  /** Whether a ref is still in the current table. Called after the chunk was published. */
  boolean isCurrent(RecentReadsTable in, int way, long seen) {
    return in.isUnchanged(way, seen) && table == in;
  }

  /**
   * Returns the table to which an entry is added, under the key's lock; an empty one if the entry
   * expires within the period.
   */
  RecentReadsTable tableFor(Entry entry) {
    RecentReadsTable seen = table;
    if (clock == null || seen.isEmpty()) {
      return seen;
    }
    long expiresAtNanos = entry.expiresAtNanos();
    long remaining = Math.min(MAX_LIFETIME_NANOS, expiresAtNanos - clock.getAsLong());
    long mean = lifetimeNanos; // of concurrent changes one counts
    lifetimeNanos = mean + (remaining - mean) / LIFETIMES_IN_MEAN;
    return expiresAtNanos >= seen.validUntilNanos() ? seen : RecentReadsTable.NONE;
  }

  /**
   * Removes a key before its value changes, or when its entry is released. A release holds no lock.
   * If another thread has meanwhile put and added a new value of the key, this removes its ref too,
   * and a later read adds it again.
   *
   * @return whether the table had the key
   */
  boolean remove(int hash) {
    RecentReadsTable seen = table;
    return !seen.isEmpty() && seen.remove(hash);
  }

  /** Replaces the chunk of an entry that the calling thread relocates. */
  void replaceChunk(int hash, long from, long to) {
    RecentReadsTable seen = table;
    if (!seen.isEmpty()) {
      seen.replace(hash, from, to);
    }
  }

  /**
   * Counts a read that the policy has recorded.
   *
   * @param entryCount returns the number of entries; called at the end of a period
   */
  public void countRead(LongSupplier entryCount) {
    if (endsPeriod()) {
      endPeriod(entryCount.getAsLong());
    }
  }

  /**
   * Returns whether this read ends the period: every {@code periodReads}-th read of a thread slot's
   * counter, or one read in {@code periodReads} at random if the thread has no slot.
   */
  private boolean endsPeriod() {
    long counted = recorded.increment();
    return counted == 0
        ? ThreadLocalRandom.current().nextInt(periodReads) == 0
        : counted % periodReads == 0;
  }

  /**
   * Ends an extended period at an eviction, since from now on the policy needs the reads. With few
   * entries it needs all of them.
   *
   * @param entryCount returns the number of entries
   */
  public void countEviction(LongSupplier entryCount) {
    if (!evicting) {
      evicting = true;
      endExtendedPeriod(entryCount.getAsLong());
    }
  }

  private synchronized void endExtendedPeriod(long entries) {
    int reads = periodReads(entries);
    RecentReadsTable ended = table;
    if (entries < minEntries) {
      table = RecentReadsTable.NONE;
    } else if (periodReads > reads) {
      table = next(ended, ended.validUntilNanos());
    }
    periodReads = Math.min(periodReads, reads);
  }

  private synchronized void endPeriod(long entries) {
    long untilNanos = periodEnd();
    int reads = periodReads(entries);
    periodReads =
        evicting ? reads : (int) Math.clamp(2L * periodReads, reads, (long) MAX_EXTENSION * reads);
    evicting = false;
    boolean isExtended = periodReads >= (long) MAX_EXTENSION * reads;
    boolean isUsed = isExtended || entries >= minEntries;
    RecentReadsTable ended = table;
    table =
        isUsed && ended.isTooSmallFor(2 * reads)
            ? larger(ended, 2 * reads, untilNanos)
            : next(ended, untilNanos);
  }

  /** Ends a period whose time is over, unless another thread has ended it. */
  private synchronized RecentReadsTable endPeriodAfter(RecentReadsTable ended) {
    if (table == ended) {
      table = next(ended, periodEnd());
    }
    return table;
  }

  /** Returns the time at which a period that begins now ends. */
  private long periodEnd() {
    return clock == null
        ? RecentReadsTable.NEVER
        : clock.getAsLong() + Math.max(MIN_PERIOD_NANOS, lifetimeNanos / PERIODS_PER_LIFETIME);
  }

  /**
   * Returns the table of the next period. Without heap for it, or memory for a new array, the cache
   * has no table.
   */
  private RecentReadsTable next(RecentReadsTable ended, long untilNanos) {
    if (ended.isEmpty()) {
      return ended;
    }
    try {
      return clock != null && ended.isLastPeriod()
          ? ended.emptied(untilNanos)
          : ended.next(untilNanos);
    } catch (OutOfMemoryError e) {
      return RecentReadsTable.NONE; // the caller reads a value, which needs no table
    }
  }

  /** Returns a larger table. Without memory for it, the present one stays in use. */
  private RecentReadsTable larger(RecentReadsTable ended, int entries, long untilNanos) {
    try {
      return RecentReadsTable.ofEntries(entries, untilNanos);
    } catch (OutOfMemoryError e) {
      return next(ended, untilNanos);
    }
  }

  /** Returns the memory of the table outside the Java heap, in bytes. */
  public long bytes() {
    return table.bytes();
  }

  private static int periodReads(long entries) {
    return Math.clamp(entries / ENTRIES_PER_READ, MIN_PERIOD_READS, MAX_PERIOD_READS);
  }

  /** Removes all refs. The end of a period creates a new table if there are enough entries. */
  synchronized void clear() {
    table = RecentReadsTable.NONE;
  }

  /** Visits all tagged refs. */
  void forEach(LongConsumer visitor) {
    table.forEach(visitor);
  }
}
