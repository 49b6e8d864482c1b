package dev.carafe.bench.versus;

/** How much is measured, and for how long. */
enum Scale {
  /** All contenders within a quarter of an hour on two cores; figures have no spread. */
  QUICK(1, 128L << 20, 0.6, 2.5, 0.75, 320L << 20, 3 << 15, 400L << 20, 64L << 20, 1 << 14),
  /** Two rounds, interleaved, with more data; a good hour each. */
  FULL(2, 1L << 30, 1.2, 8, 1.5, 1L << 30, 1 << 19, 560L << 20, 128L << 20, 1 << 16);

  final int rounds;

  /** Of values, all in memory, for the cost of a hit. */
  final long hitsBytes;

  final double seconds;

  /** The most that a loop is warmed up, in lengths of the loop that is measured. */
  final double warmupMost;

  final double rateSeconds;
  final long boundedTotalBytes;
  final int hybridEntries;
  final long hybridTotalBytes;
  final long hybridMemoryBytes;

  /** Of a file that is opened again, after a close or a kill. */
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

  /** How long the values are that are read from memory, one length after the other. */
  int[] hitsValueBytes() {
    return this == QUICK ? new int[] {1024} : new int[] {100, 1024, 16 * 1024};
  }

  /** How many entries are held at once, one amount after the other. */
  long[] heldEntries() {
    return this == QUICK ? new long[] {400_000} : new long[] {1_000_000, 4_000_000};
  }
}
