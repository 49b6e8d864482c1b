package dev.carafe.tier;

/**
 * Counts reads by the reuse distance of their keys in bytes. A distance below 64 has a bucket of
 * its own, a larger one shares a bucket with distances that are at most 1/64 larger. Not
 * thread-safe.
 */
final class DistanceHistogram {
  private static final int BITS = 6; // of a distance that select a bucket within its power of two
  private static final int SUB_BUCKETS = 1 << BITS;

  private final long[] counts = new long[(Long.SIZE - BITS) * SUB_BUCKETS];

  /** Counts reads of one distance. */
  void add(long distanceBytes, long reads) {
    counts[bucket(distanceBytes)] += reads;
  }

  /** Returns the number of reads whose bucket begins at this distance or a smaller one. */
  long countUpTo(long distanceBytes) {
    int last = bucket(distanceBytes);
    long sum = 0;
    for (int bucket = 0; bucket <= last; bucket++) {
      sum += counts[bucket];
    }
    return sum;
  }

  long memoryBytes() {
    return (long) Long.BYTES * counts.length;
  }

  int buckets() {
    return counts.length;
  }

  long count(int bucket) {
    return counts[bucket];
  }

  /** Returns the smallest distance of a bucket. */
  static long firstDistance(int bucket) {
    int exponent = bucket / SUB_BUCKETS;
    return exponent == 0 ? bucket : (long) (SUB_BUCKETS + bucket % SUB_BUCKETS) << (exponent - 1);
  }

  private static int bucket(long distanceBytes) {
    if (distanceBytes < SUB_BUCKETS) {
      return (int) Math.max(0, distanceBytes);
    }
    int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(distanceBytes) - BITS;
    return shift * SUB_BUCKETS + (int) (distanceBytes >>> shift);
  }
}
