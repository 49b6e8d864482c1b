package dev.carafe.bench.fork;

/**
 * What a thread asks for: of a hundred operations, so many are writes; a miss may be followed by a
 * write, and a write may be of a key that never was.
 *
 * @param writePercent how many operations of a hundred are writes
 * @param putOnMiss whether a miss is followed by a write
 * @param fresh whether a write takes a new key instead of a drawn one
 * @param visit whether a read looks at the value without a copy
 */
record Mix(int writePercent, boolean putOnMiss, boolean fresh, boolean visit) {
  static final Mix READS = new Mix(0, false, false, false);
  static final Mix VISITS = new Mix(0, false, false, true);
  static final Mix LOOK_ASIDE = new Mix(0, true, false, false);
  static final Mix FRESH_WRITES = new Mix(100, false, true, false);
  static final Mix READS_90 = new Mix(10, true, false, false);
}
