package dev.carafe.bench.versus;

/** How much is measured, and for how long. */
enum Scale {
  /** All contenders within a quarter of an hour on two cores; figures have no spread. */
  QUICK(1, 1 << 17, 0.6, 3, 1.0, 384L << 20, 1 << 17, 400L << 20, 64L << 20),
  /** Two rounds, interleaved, with more data; some forty minutes each. */
  FULL(2, 1 << 19, 1.2, 8, 1.5, 1L << 30, 1 << 18, 640L << 20, 128L << 20);

  final int rounds;
  final int entries;
  final double seconds;

  /** The most that a loop is warmed up, in lengths of the loop that is measured. */
  final double warmupMost;

  final double rateSeconds;
  final long boundedTotalBytes;
  final int hybridEntries;
  final long hybridTotalBytes;
  final long hybridMemoryBytes;

  Scale(
      int rounds,
      int entries,
      double seconds,
      double warmupMost,
      double rateSeconds,
      long boundedTotalBytes,
      int hybridEntries,
      long hybridTotalBytes,
      long hybridMemoryBytes) {
    this.rounds = rounds;
    this.entries = entries;
    this.seconds = seconds;
    this.warmupMost = warmupMost;
    this.rateSeconds = rateSeconds;
    this.boundedTotalBytes = boundedTotalBytes;
    this.hybridEntries = hybridEntries;
    this.hybridTotalBytes = hybridTotalBytes;
    this.hybridMemoryBytes = hybridMemoryBytes;
  }

  /** How many entries are held at once, one amount after the other. */
  long[] heldEntries() {
    return this == QUICK ? new long[] {400_000} : new long[] {1_000_000, 4_000_000};
  }
}
