package dev.carafe.bench.core;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The benchmarks that are run together, and whom the others are compared with. */
enum Suite {
  /** One block taken and given back. */
  ALLOCATOR(
      "malloc",
      new Jmh(
          "AllocatorBench",
          "allocator",
          List.of("region", "pool", "malloc", "netty", "confined", "direct"),
          1000,
          300,
          Map.of())),
  /** Reads that find their value in memory. */
  HITS(
      "caffeine",
      new Jmh(
          "HitsBench",
          "cache",
          List.of("carafe", "caffeine", "chm"),
          2000,
          700,
          Map.of("mebibytes", "256"))),
  /** What an entry costs on the heap. */
  HEAP("caffeine", (_, quick) -> new HeapBench(quick).run()),
  /** Random reads: fio, a file channel, the device, and the cache by each kind of caller. */
  READS("fio", (dir, quick) -> new FileReadsBench(dir, quick).run()),
  /** Values that memory has no room for, on their way to the file. */
  SPILL("fio", (dir, quick) -> new SpillBench(dir, quick).run()),
  /** Opening a file that holds values. */
  RECOVERY("fio", (dir, quick) -> new RecoveryBench(dir, quick).run()),
  /** Puts into a full memory, as fast as they go and at half of that. */
  PUTS("", (dir, quick) -> new PutsBench(dir, quick).run());

  /** Whom the others are compared with. */
  final String measure;

  @SuppressWarnings("ImmutableEnumChecker") // records of constants, lambdas that capture nothing
  final How how;

  Suite(String measure, Jmh how) {
    this.measure = measure;
    this.how = how;
  }

  Suite(String measure, Rounds how) {
    this.measure = measure;
    this.how = how;
  }

  /** How it is measured. */
  sealed interface How {}

  /**
   * By JMH, in JVMs of its own.
   *
   * @param pattern the benchmarks' names
   * @param contenderParam the parameter that names the contender
   * @param contenders who takes part unless others are named
   * @param millis how long a window is
   * @param quickMillis the same for a quick run
   * @param quickParams parameters of a quick run
   */
  record Jmh(
      String pattern,
      String contenderParam,
      List<String> contenders,
      int millis,
      int quickMillis,
      Map<String, String> quickParams)
      implements How {}

  /** By itself, in this JVM: rounds take turns. */
  @FunctionalInterface
  non-sealed interface Rounds extends How {
    /**
     * Runs it.
     *
     * @param dir where its files lie
     * @param quick whether less will do
     */
    List<Figure> run(Path dir, boolean quick) throws Exception;
  }
}
