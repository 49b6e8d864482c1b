package dev.carafe.bench.fork;

/**
 * A mix of operations.
 *
 * @param writePercent the percentage of writes
 * @param putOnMiss whether a put follows a miss
 * @param fresh whether a write uses a new key instead of a key of the distribution
 * @param visit whether a read accesses the value without a copy
 */
record Mix(int writePercent, boolean putOnMiss, boolean fresh, boolean visit) {
  static final Mix READS = new Mix(0, false, false, false);
  static final Mix VISITS = new Mix(0, false, false, true);
  static final Mix LOOK_ASIDE = new Mix(0, true, false, false);
  static final Mix FRESH_WRITES = new Mix(100, false, true, false);
  static final Mix READS_90 = new Mix(10, true, false, false);
}
