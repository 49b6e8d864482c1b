package dev.carafe.tier;

import java.util.List;

/**
 * Measures the reuse distances of a sample of keys: the bytes of the distinct keys that were
 * accessed since the last access of a key, its own included. A least-recently-used cache hits a
 * read if and only if the reuse distance is at most its capacity. So one pass over the accesses
 * gives the hit ratios of all capacities (SHARDS, Waldspurger et al., FAST 2015, in the variant
 * with a fixed number of samples).
 *
 * <p>A key belongs to the sample if the upper {@link #shift} bits of its hash are 0. Then the bytes
 * between two accesses stand for 2^shift times as many, and a read for 2^shift reads. The sample is
 * halved when it exceeds {@value #MAX_KEYS} keys, and up to {@value #SHIFT_BY_ACCESSES} times after
 * {@value #ACCESSES_PER_SHIFT} accesses of its keys, so that it costs little time in a small cache.
 * Keys beyond the largest distance of interest are forgotten.
 *
 * <p>The hot keys that the sample has by chance are more or less than their share. SHARDS-adj
 * corrects this: {@link #hits} counts the difference between all reads and those that the sampled
 * ones stand for as reads of the smallest distance.
 *
 * <p>Keys of equal hash count as one key. Not thread-safe.
 *
 * <p>Proved by {@code ReuseDistancesTest}.
 */
public final class ReuseDistances {
  /** The most keys in the sample. */
  public static final int MAX_KEYS = 16_384;

  /** The distance of a read whose last access of the key was before the cache was opened. */
  static final long UNKNOWN = -1;

  /** The expiry time of values that do not expire. */
  private static final long NEVER = Long.MAX_VALUE;

  private static final int FEW_KEYS = 2048;
  private static final int MAX_SHIFT = 20;
  private static final int ACCESSES_PER_SHIFT = 1 << 20;
  private static final int SHIFT_BY_ACCESSES = 3;

  private final DistanceHistogram histogram = new DistanceHistogram();
  private final SampledKeys keys = new SampledKeys();
  private final long maxDistanceBytes;
  private int shift;
  private long accesses;
  private long representedReads;
  private long unknownReads;

  /**
   * Creates an empty sample.
   *
   * @param maxDistanceBytes the largest distance of interest
   */
  public ReuseDistances(long maxDistanceBytes) {
    this.maxDistanceBytes = maxDistanceBytes;
  }

  /** {@return the bits of a hash that are all 0 if its key is in the sample} */
  public int mask() {
    return shift == 0 ? 0 : -1 << (Integer.SIZE - shift);
  }

  int shift() {
    return shift;
  }

  /** Returns the reads that were found at an unknown distance. */
  long unknownReads() {
    return unknownReads;
  }

  /** Returns the mean of the bytes of the sampled keys; 0 if there is none. */
  double meanBytes() {
    return keys.count() == 0 ? 0 : (double) keys.totalBytes() / keys.count();
  }

  /** {@return the number of keys in the sample} */
  public int keyCount() {
    return keys.count();
  }

  long memoryBytes() {
    return keys.memoryBytes() + histogram.memoryBytes();
  }

  /**
   * Returns the reads that a least-recently-used cache would have answered.
   *
   * @param capacityBytes the capacity of the cache
   * @param allReads the number of reads, those of other keys included
   * @return an estimate, from 0 to allReads
   */
  public long hits(long capacityBytes, long allReads) {
    return hits(histogram.countUpTo(capacityBytes), allReads, representedReads);
  }

  private static long hits(long sampledHits, long allReads, long representedReads) {
    return Math.clamp(sampledHits + allReads - representedReads, 0, Math.max(0, allReads));
  }

  /**
   * Adds estimates for the capacities of an interval at which the hit ratio changes. The ratios do
   * not fall below that of the last estimate.
   */
  void addEstimates(
      long allReads, long fromBytes, long toBytes, List<AccessSample.Estimate> estimates) {
    double least = estimates.isEmpty() ? 0 : estimates.getLast().hitRatio();
    long sum = 0;
    for (int bucket = 0; bucket < histogram.buckets(); bucket++) {
      long bytes = DistanceHistogram.firstDistance(bucket);
      long reads = histogram.count(bucket);
      sum += reads;
      if (reads > 0 && bytes >= fromBytes && bytes <= toBytes) {
        double ratio = (double) hits(sum, allReads, representedReads) / Math.max(1, allReads);
        least = Math.max(least, ratio);
        estimates.add(new AccessSample.Estimate(bytes, least));
      }
    }
  }

  /**
   * Counts a read that finds the key if the sample has it, and puts the key if it was absent.
   *
   * @param hash of the key, which the {@link #mask} selects
   * @param bytes the bytes that the key and its value take, at least 1
   */
  public void readOrPut(int hash, int bytes) {
    if (isSampled(hash)) {
      int slot = keys.find(hash);
      if (slot == SampledKeys.NONE) {
        representedReads += 1L << shift;
      } else {
        count(distance(slot));
      }
      set(slot, hash, Math.max(1, bytes), NEVER);
    }
  }

  /**
   * Counts a read that the cache answered.
   *
   * @param bytes the bytes that the key and its value take; 0 if they are unknown
   * @param distanceBytes what counts as the distance if the sample does not know the key; may be
   *     UNKNOWN
   */
  void readFound(int hash, int bytes, long expiresAtNanos, long distanceBytes) {
    if (isSampled(hash)) {
      int slot = keys.find(hash);
      count(slot == SampledKeys.NONE ? distanceBytes : distance(slot));
      int size = slot == SampledKeys.NONE || bytes > 0 ? bytes : keys.bytes(slot);
      set(slot, hash, size, expiresAtNanos);
    }
  }

  /** Counts a read that the cache did not answer. */
  void readMissed(int hash, long nowNanos) {
    if (isSampled(hash)) {
      int slot = keys.find(hash);
      if (slot == SampledKeys.NONE) {
        representedReads += 1L << shift;
      } else if (keys.expiresAtNanos(slot) <= nowNanos) {
        representedReads += 1L << shift;
        keys.remove(slot);
      } else {
        count(distance(slot));
        set(slot, hash, keys.bytes(slot), keys.expiresAtNanos(slot));
      }
    }
  }

  /**
   * Records that a key has another value, which does not expire.
   *
   * @param hash of the key, which the {@link #mask} selects
   * @param bytes the bytes that the key and its value take, at least 1
   */
  public void write(int hash, int bytes) {
    write(hash, bytes, NEVER);
  }

  void write(int hash, int bytes, long expiresAtNanos) {
    if (isSampled(hash)) {
      set(keys.find(hash), hash, Math.max(1, bytes), expiresAtNanos);
    }
  }

  /**
   * Records that a key has no value.
   *
   * @param hash of the key, which the {@link #mask} selects
   */
  public void remove(int hash) {
    int slot = keys.find(hash);
    if (slot != SampledKeys.NONE) {
      keys.remove(slot);
    }
  }

  /** Forgets all keys, but not the distances of the reads so far. */
  void clear() {
    keys.clear();
  }

  private boolean isSampled(int hash) {
    return (hash & mask()) == 0;
  }

  private void count(long distanceBytes) {
    if (distanceBytes == UNKNOWN) {
      unknownReads += 1L << shift;
    } else {
      histogram.add(distanceBytes, 1L << shift);
    }
    representedReads += 1L << shift;
  }

  private long distance(int slot) {
    return (keys.newerBytes(slot) << shift) + keys.bytes(slot);
  }

  /** Makes a key the one that was accessed last. Without known bytes, a new key is not added. */
  private void set(int slot, int hash, int bytes, long expiresAtNanos) {
    if (slot != SampledKeys.NONE) {
      keys.move(slot, bytes, expiresAtNanos);
    } else if (bytes > 0) {
      keys.add(hash, bytes, expiresAtNanos);
    }
    while (keys.count() > 1 && keys.totalBytes() > maxDistanceBytes >>> shift) {
      keys.remove(keys.oldest());
    }
    accesses++;
    if (shift < MAX_SHIFT
        && (keys.count() > MAX_KEYS
            || (shift < SHIFT_BY_ACCESSES && accesses >= (shift + 1L) * ACCESSES_PER_SHIFT))) {
      halve();
    }
    while (keys.isFull()) {
      makeRoom();
    }
  }

  /** Halves the sample, unless it has so few keys that its error would be large. */
  void halveIfLarge() {
    if (keys.count() >= FEW_KEYS && shift < MAX_SHIFT) {
      halve();
    }
  }

  private void halve() {
    shift++;
    keys.makeRoom(mask());
  }

  private void makeRoom() {
    try {
      keys.makeRoom(0);
    } catch (OutOfMemoryError e) { // no heap for more keys: half of the present ones need none
      halve();
    }
  }
}
