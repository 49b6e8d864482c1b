package dev.carafe.bench.versus;

/** The amount of data and the duration of a run. */
enum Scale {
  /** All contenders in about 15 minutes on two cores. One fork, so the results have no spread. */
  QUICK(1, 128L << 20, 0.6, 2.5, 0.75, 320L << 20, 3 << 15, 400L << 20, 64L << 20, 1 << 14),
  /** Two interleaved rounds with more data. A round takes more than an hour. */
  FULL(2, 1L << 30, 1.2, 8, 1.5, 1L << 30, 1 << 19, 560L << 20, 128L << 20, 1 << 16);

  final int rounds;

  /** The total size of the values of the hits workloads. */
  final long hitsBytes;

  final double seconds;

  /** The maximum warm-up, as a multiple of the measured time. */
  final double warmupMost;

  final double rateSeconds;
  final long boundedTotalBytes;
  final int hybridEntries;
  final long hybridTotalBytes;
  final long hybridMemoryBytes;

  /** The number of entries of the restart and crash suites. */
  final int reopenedEntries;

  Scale(
      int rounds,
      long hitsBytes,
      double seconds,
      double warmupMost,
      double rateSeconds,
      long boundedTotalBytes,
      int hybridEntries,
      long hybridTotalBytes,
      long hybridMemoryBytes,
      int reopenedEntries) {
    this.rounds = rounds;
    this.hitsBytes = hitsBytes;
    this.seconds = seconds;
    this.warmupMost = warmupMost;
    this.rateSeconds = rateSeconds;
    this.boundedTotalBytes = boundedTotalBytes;
    this.hybridEntries = hybridEntries;
    this.hybridTotalBytes = hybridTotalBytes;
    this.hybridMemoryBytes = hybridMemoryBytes;
    this.reopenedEntries = reopenedEntries;
  }

  /** The value lengths of the hits workloads. */
  int[] hitsValueBytes() {
    return this == QUICK ? new int[] {1024} : new int[] {100, 1024, 16 * 1024};
  }

  /** The numbers of entries of the gc suite. */
  long[] heldEntries() {
    return this == QUICK ? new long[] {400_000} : new long[] {1_000_000, 4_000_000};
  }
}
