package dev.carafe.bench.near;

/**
 * The amount of data and the number of requests of a run.
 *
 * @param processes the near processes, which share the server
 * @param values the number of values of the server, a multiple of the number of processes
 * @param valueBytes the length of each value
 * @param memoryBytes the memory of each near cache
 * @param fileBytes the capacity of the file of a near cache that has one
 * @param warmUp the requests of each lap of the warm-up in each process; laps are repeated until
 *     the JIT compiler is almost idle
 * @param requests the measured requests of each process
 */
record NearScale(
    int processes,
    int values,
    int valueBytes,
    long memoryBytes,
    long fileBytes,
    int warmUp,
    int requests) {
  private static final long MIB = 1 << 20;

  /** 2 GiB of values. */
  static final NearScale FULL =
      new NearScale(2, 1 << 19, 4096, 64 * MIB, 2048 * MIB, 25_000, 100_000);

  /** 64 MiB of values. */
  static final NearScale QUICK = new NearScale(2, 1 << 14, 4096, 8 * MIB, 64 * MIB, 20_000, 40_000);

  long totalBytes() {
    return (long) values * valueBytes;
  }
}
