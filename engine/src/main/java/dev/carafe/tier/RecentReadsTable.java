package dev.carafe.tier;

import dev.carafe.device.NativeMemory;
import dev.carafe.region.ChunkRef;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The array of {@link RecentReads} in one period: tagged refs outside the Java heap. Each ref is
 * updated independently of the others. The tables of consecutive periods share one array, which the
 * garbage collector frees after the last reader of the last of them.
 *
 * <p>Thread-safe.
 */
final class RecentReadsTable {
  static final long NEVER = Long.MAX_VALUE;
  static final int WAYS = 4;

  /** The ways of an entry: 5 % of the sets have more entries than ways then. */
  static final int WAYS_OF_ENTRY = 2;

  private static final VarHandle REFS = ValueLayout.JAVA_LONG.varHandle();
  private static final int HASH_BITS = 11;
  private static final int HASH_MASK = (1 << HASH_BITS) - 1;
  private static final int PERIOD_MASK = 0x1F;
  private static final int MAX_REFS = 1 << 30;

  /**
   * All memory of the process, so that an access checks neither a scope nor the bounds of a
   * segment: the check took 7 ns of a hit. Null if native access is denied.
   */
  private static final @Nullable MemorySegment PROCESS = NativeMemory.ofProcess();

  /** The table that has no way. */
  static final RecentReadsTable NONE = new RecentReadsTable(MemorySegment.NULL, 0, 0, NEVER);

  private final MemorySegment refs;
  private final long base;
  private final int count;
  private final int period;
  private final long validUntilNanos;

  private RecentReadsTable(MemorySegment refs, int count, int period, long validUntilNanos) {
    this.refs = refs;
    this.base = PROCESS == null ? 0 : refs.address();
    this.count = count;
    this.period = period;
    this.validUntilNanos = validUntilNanos;
  }

  /**
   * Creates an empty table.
   *
   * @throws OutOfMemoryError if the system has no memory for it
   */
  static RecentReadsTable ofEntries(int entryCount, long validUntilNanos) {
    long count = Math.ceilDiv((long) WAYS_OF_ENTRY * entryCount, WAYS) * WAYS;
    return map((int) Math.min(MAX_REFS, count), validUntilNanos);
  }

  private static RecentReadsTable map(int count, long validUntilNanos) {
    MemorySegment refs = NativeMemory.mapCollected((long) count * Long.BYTES, true);
    return new RecentReadsTable(refs, count, 0, validUntilNanos);
  }

  /** Creates an empty table of the same size. */
  RecentReadsTable emptied(long untilNanos) {
    return map(count, untilNanos);
  }

  /** Creates the table of the next period, which has the same array. */
  RecentReadsTable next(long untilNanos) {
    return new RecentReadsTable(refs, count, period + 1 & PERIOD_MASK, untilNanos);
  }

  /** Whether the number of the next period has been in use before. */
  boolean isLastPeriod() {
    return period == PERIOD_MASK;
  }

  /**
   * Returns the time until which no entry of this period expires; {@link #NEVER} without expiry.
   */
  long validUntilNanos() {
    return validUntilNanos;
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

  /** Returns the way whose tag has this hash and the period, or -1. Branch-free. */
  int find(int hash) {
    if (count == 0) {
      return -1;
    }
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

  /** Overwrites the key's way of an older period, else another way of an older period, else any. */
  void add(int hash, long ref) {
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

  /** Visits all tagged refs. */
  void forEach(LongConsumer visitor) {
    for (int way = 0; way < count; way++) {
      long ref = refAt(way);
      if (ref != ChunkRef.NONE) {
        visitor.accept(ref);
      }
    }
  }
}
