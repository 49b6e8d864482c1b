package dev.carafe.tier;

import dev.carafe.device.NativeMemory;
import dev.carafe.region.ChunkRef;
import dev.carafe.region.StripedCounter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.util.concurrent.ThreadLocalRandom;
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
 * the current period. Each key's hash selects a set of {@value Table#WAYS} ways. A way holds a
 * {@linkplain ChunkRef#tagged tagged ref}: region and slot of the chunk, tagged with the period and
 * a part of the hash.
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
 * <p>Thread-safe. Proved by {@code RecentReadsTest} and {@code BetweenTheTiersTest}.
 */
public final class RecentReads {
  private static final VarHandle REFS = ValueLayout.JAVA_LONG.varHandle();
  private static final int WAYS_OF_ENTRY = 2;

  /** The memory of an entry: two ways, so that 5 % of the sets have more entries than ways. */
  public static final int ENTRY_BYTES = WAYS_OF_ENTRY * Long.BYTES;

  /** The number of entries from which a cache that evicts uses the table, without the property. */
  public static final int MIN_ENTRIES = 4096;

  private static final int ENTRIES_PER_READ = 2;
  private static final int MAX_EXTENSION = 8;
  private static final int MIN_PERIOD_READS = 64;
  private static final int MAX_PERIOD_READS = 1 << 27;
  private static final int HASH_BITS = 11;
  private static final int HASH_MASK = (1 << HASH_BITS) - 1;
  private static final int PERIOD_MASK = 0x1F;
  private static final Table NO_TABLE = new Table(0);

  static {
    // The JVM links a VarHandle's call when it is first made, which needs heap: each is made once
    // here, so that a ref can be removed from the table when the heap is full (F5).
    Table table = new Table(MIN_PERIOD_READS);
    table.add(1, 0, 1);
    table.replace(1, 1, 2);
    var _ = table.remove(1);
    var _ = table.find(1, 0);
  }

  /**
   * The system property that sets the number of entries from which a cache that evicts uses the
   * table. Tests set it.
   */
  public static final String MIN_ENTRIES_PROPERTY = "carafe.recentReads.minEntries";

  private final int minEntries = Integer.getInteger(MIN_ENTRIES_PROPERTY, MIN_ENTRIES);
  private final StripedCounter recorded = new StripedCounter();
  private volatile Table table = NO_TABLE;
  private volatile int period;
  private volatile int periodReads = MIN_PERIOD_READS;
  private volatile boolean evicting;

  /**
   * An array of tagged refs outside the Java heap. Each is updated independently of the others. The
   * garbage collector frees the array after its last reader.
   */
  static final class Table {
    static final int WAYS = 4;
    private static final int MAX_REFS = 1 << 30;

    /**
     * All memory of the process, so that an access checks neither a scope nor the bounds of a
     * segment: the check took 7 ns of a hit. Null if native access is denied.
     */
    private static final @Nullable MemorySegment PROCESS = NativeMemory.ofProcess();

    private final MemorySegment refs;
    private final long base;
    private final int count;

    /**
     * Creates a table with two ways for each entry.
     *
     * @throws OutOfMemoryError if the system has no memory for it
     */
    Table(int entryCount) {
      count =
          (int) Math.min(MAX_REFS, Math.ceilDiv((long) WAYS_OF_ENTRY * entryCount, WAYS) * WAYS);
      refs = count == 0 ? MemorySegment.NULL : NativeMemory.mapCollected(bytes(), true);
      base = PROCESS == null ? 0 : refs.address();
    }

    boolean isTooSmallFor(int entryCount) {
      return count < Math.min(MAX_REFS, entryCount + entryCount / 4L);
    }

    boolean isEmpty() {
      return count == 0;
    }

    long bytes() {
      return (long) count * Long.BYTES;
    }

    private MemorySegment memory() {
      return PROCESS == null ? refs : PROCESS;
    }

    private long offset(int way) {
      return base + (long) way * Long.BYTES;
    }

    /** Returns the first way of the hash's set. The upper bits of the hash select the set. */
    private int firstWay(int hash) {
      long sets = count / WAYS;
      return (int) ((Integer.toUnsignedLong(hash) * sets) >>> Integer.SIZE) * WAYS;
    }

    /** Returns a way whose tag has this hash and period, or -1. Branch-free. */
    int find(int hash, int period) {
      int first = firstWay(hash);
      int tag = tag(hash, period);
      int found = 0;
      for (int i = 0; i < WAYS; i++) {
        found |= ChunkRef.tagEqualBit(refAt(first + i), tag) << i;
      }
      return found == 0 ? -1 : first + Integer.numberOfTrailingZeros(found);
    }

    /** Returns the tagged ref in a way. */
    long refAt(int way) {
      try {
        return (long) REFS.getOpaque(memory(), offset(way));
      } finally {
        Reference.reachabilityFence(this); // the garbage collector frees the memory
      }
    }

    private void set(int way, long taggedRef) {
      try {
        REFS.setVolatile(memory(), offset(way), taggedRef);
      } finally {
        Reference.reachabilityFence(this);
      }
    }

    /** Whether a way is unchanged. If so, the chunk's content is visible to the caller. */
    boolean isUnchanged(int way, long seen) {
      try {
        return (long) REFS.getAcquire(memory(), offset(way)) == seen;
      } finally {
        Reference.reachabilityFence(this);
      }
    }

    /**
     * Overwrites the key's way of an older period, else another way of an older period, else any.
     */
    void add(int hash, int period, long ref) {
      int first = firstWay(hash);
      int victim = first + (hash & (WAYS - 1)); // any
      for (int way = first; way < first + WAYS; way++) {
        long seen = refAt(way);
        if (hasHash(seen, hash)) {
          victim = way;
          break;
        }
        victim = hasPeriod(seen, period) ? victim : way;
      }
      set(victim, ChunkRef.tagged(ref, tag(hash, period)));
    }

    /** Removes all refs whose tags have the key's hash. Returns whether there were any. */
    boolean remove(int hash) {
      boolean found = false;
      int first = firstWay(hash);
      for (int way = first; way < first + WAYS; way++) {
        long seen = refAt(way);
        if (seen != ChunkRef.NONE && hasHash(seen, hash)) {
          set(way, ChunkRef.NONE);
          found = true;
        }
      }
      return found;
    }

    /** Replaces the refs to a chunk by refs to another. Adds none. */
    void replace(int hash, long from, long to) {
      int first = firstWay(hash);
      for (int way = first; way < first + WAYS; way++) {
        long seen = refAt(way);
        if (seen != ChunkRef.NONE && ChunkRef.isSameSlot(from, seen)) {
          long changed = ChunkRef.tagged(to, ChunkRef.tag(seen));
          replaceIfUnchanged(way, seen, changed);
        }
      }
    }

    /** Replaces a ref, unless it was removed meanwhile. */
    private void replaceIfUnchanged(int way, long seen, long changed) {
      try {
        var _ = REFS.compareAndSet(memory(), offset(way), seen, changed);
      } finally {
        Reference.reachabilityFence(this);
      }
    }

    private static int tag(int hash, int period) {
      return period << HASH_BITS | (hash & HASH_MASK); // the upper bits have selected the set
    }

    private static boolean hasHash(long taggedRef, int hash) {
      return ((ChunkRef.tag(taggedRef) ^ hash) & HASH_MASK) == 0;
    }

    private static boolean hasPeriod(long taggedRef, int period) {
      return ((ChunkRef.tag(taggedRef) >>> HASH_BITS ^ period) & PERIOD_MASK) == 0;
    }
  }

  RecentReads() {}

  Table table() {
    return table;
  }

  /** Returns the way that has the key's ref of this period, or -1. */
  int find(Table in, int hash) {
    return in.isEmpty() ? -1 : in.find(hash, period);
  }

  /** Whether a ref is still in the current table. Called after the chunk was published. */
  boolean isCurrent(Table in, int way, long seen) {
    return in.isUnchanged(way, seen) && table == in;
  }

  /** Adds a chunk. Called under the key's lock, while the entry is LISTING. */
  void add(int hash, long ref) {
    Table seen = table;
    if (!seen.isEmpty()) {
      seen.add(hash, period, ref);
    }
  }

  /**
   * Removes a key before its value changes, or when its entry is released. A release holds no lock.
   * If another thread has meanwhile put and added a new value of the key, this removes its ref too,
   * and a later read adds it again.
   *
   * @return whether the table had the key
   */
  boolean remove(int hash) {
    Table seen = table;
    return !seen.isEmpty() && seen.remove(hash);
  }

  /** Replaces the chunk of an entry that the calling thread relocates. */
  void replaceChunk(int hash, long from, long to) {
    Table seen = table;
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
    if (periodReads > reads) {
      periodReads = reads;
      period++;
    }
    if (entries < minEntries) {
      table = NO_TABLE;
    }
  }

  private synchronized void endPeriod(long entries) {
    int reads = periodReads(entries);
    period++;
    periodReads =
        evicting ? reads : (int) Math.clamp(2L * periodReads, reads, (long) MAX_EXTENSION * reads);
    evicting = false;
    boolean isExtended = periodReads >= (long) MAX_EXTENSION * reads;
    if ((isExtended || entries >= minEntries) && table.isTooSmallFor(2 * reads)) {
      replaceTable(2 * reads);
    }
  }

  /** Replaces the table by a larger one. Without memory for it, the present one stays in use. */
  private void replaceTable(int entries) {
    try {
      table = new Table(entries);
    } catch (OutOfMemoryError e) {
      // The caller reads a value, which needs no table.
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
  void clear() {
    table = NO_TABLE;
  }

  /** Visits all tagged refs. */
  void forEach(LongConsumer visitor) {
    Table seen = table;
    for (int way = 0; way < seen.count; way++) {
      long ref = seen.refAt(way);
      if (ref != ChunkRef.NONE) {
        visitor.accept(ref);
      }
    }
  }
}
