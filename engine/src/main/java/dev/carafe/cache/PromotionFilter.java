package dev.carafe.cache;

import dev.carafe.log.format.KeyHash;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * Decides which values that were read from the file are promoted to memory. While the policy evicts
 * values, a value is promoted at its second read from the file within a period: each promotion
 * evicts another value, and a value that is read once would leave memory unread. While memory has
 * room, each value is promoted.
 *
 * <p>A period has half as many first reads as memory has entries. Two bit sets, of this period and
 * of the one before, have a bit for the hash of each key that was read. They take 1 byte for each
 * entry in memory. At most one value in five is promoted at its first read, because another key has
 * set its bit.
 *
 * <p>An eviction shows that memory is full. After {@value #READS_AFTER_EVICTION} first reads
 * without an eviction, values are promoted until there is one.
 *
 * <p>Thread-safe. The design follows the doorkeeper of TinyLFU (Einziger, Friedman, Manes, 2017).
 */
final class PromotionFilter {
  static final int READS_AFTER_EVICTION = 64;
  static final int MIN_PERIOD_READS = 1024;

  private static final int MAX_PERIOD_READS = 1 << 26;
  private static final int BITS_PER_READ = 8;

  /** The first reads since the last eviction, up to the limit. */
  private final AtomicInteger readsAfterEviction = new AtomicInteger(READS_AFTER_EVICTION);

  /** Changed under the lock of this filter. */
  private volatile Period before = new Period(0);

  private volatile Period current = before;

  /** The keys that were read first in a period. */
  private static final class Period {
    private final AtomicLongArray bits;
    private final AtomicInteger readsLeft;

    Period(int reads) {
      bits = new AtomicLongArray(Math.max(1, reads / (Long.SIZE / BITS_PER_READ)));
      readsLeft = new AtomicInteger(reads);
    }

    /** The number of the key's bit. The upper bits of the hash select it. */
    private long bitOf(long hash) {
      return Math.unsignedMultiplyHigh(hash, (long) bits.length() * Long.SIZE);
    }

    boolean contains(long hash) {
      long bit = bitOf(hash);
      return (bits.get((int) (bit / Long.SIZE)) & 1L << bit) != 0;
    }

    /** Adds a key. Returns whether the period has ended. */
    boolean add(long hash) {
      long bit = bitOf(hash);
      bits.accumulateAndGet((int) (bit / Long.SIZE), 1L << bit, (word, mask) -> word | mask);
      return readsLeft.decrementAndGet() <= 0;
    }
  }

  /** Records that the policy has evicted a value because memory is full. */
  void recordEviction() {
    if (readsAfterEviction.get() != 0) {
      readsAfterEviction.set(0);
    }
  }

  /**
   * Returns whether to promote a value that was read from the file.
   *
   * @param key the hash of its key
   * @param entryCount returns the number of entries in memory; called at the end of a period
   */
  boolean admits(KeyHash key, LongSupplier entryCount) {
    if (readsAfterEviction.get() >= READS_AFTER_EVICTION
        || current.contains(key.first())
        || before.contains(key.first())) {
      return true;
    }
    readsAfterEviction.incrementAndGet();
    expectRead(key, entryCount);
    return false;
  }

  /** Admits a key whose value is about to be read. The parameters are those of {@link #admits}. */
  void expectRead(KeyHash key, LongSupplier entryCount) {
    Period seen = current;
    if (seen.add(key.first())) {
      endPeriod(seen, entryCount.getAsLong());
    }
  }

  private synchronized void endPeriod(Period ended, long entries) {
    if (current != ended) {
      return;
    }
    try {
      current = new Period(Math.clamp(entries / 2, MIN_PERIOD_READS, MAX_PERIOD_READS));
      before = ended;
    } catch (OutOfMemoryError e) {
      // The caller reads a value, which needs no filter. The next first read tries again.
    }
  }
}
