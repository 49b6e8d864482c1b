package dev.carafe.bench.core;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A group of benchmarks and the baseline of its tables. */
enum Suite {
  /** Allocates and frees one block. */
  ALLOCATOR(
      "malloc",
      new Jmh(
          "AllocatorBench",
          "allocator",
          List.of("region", "pool", "malloc", "netty", "confined", "direct"),
          1000,
          300,
          Map.of()),
      Target.timesBetter("lifo, bytes 4096", "pool", 1 / 1.3, "region"),
      Target.timesBetter("(lifo|random), bytes mixed", "pool", 1, "malloc")),
  /** Hits in memory. */
  HITS(
      "caffeine",
      new Jmh(
          "HitsBench",
          "cache",
          List.of("carafe", "caffeine", "chm"),
          2000,
          700,
          Map.of("mebibytes", "256")),
      Target.timesBetter("copy, bytes (100|1024),", "carafe", 2, "caffeine"),
      Target.timesBetter("copy, bytes 16384,", "carafe", 1.5, "caffeine"),
      Target.timesBetter("scoped,", "carafe", 2, "caffeine"),
      Target.timesBetter("hot,", "carafe", 0.8, "caffeine")),
  /** Heap bytes per entry. */
  HEAP("caffeine", (_, quick) -> new HeapBench(quick).run(), Target.atMost("heap", "carafe", 112)),
  /** Events of the flight recorder that are not recorded. */
  EVENTS(
      "nothing",
      new Jmh(
          "EventsBench",
          "event",
          List.of("nothing", "transfer", "flush", "reclaim", "evacuation"),
          500,
          200,
          Map.of())),
  /** Random reads through fio, a file channel, the device, and the cache with several callers. */
  READS(
      "fio",
      (dir, quick) -> new FileReadsBench(dir, quick).run(),
      Target.cpu("reads of \\d+ B, depth 1$", "get, platform threads", 1.5, "fio"),
      Target.cpu("reads of \\d+ B, depth (32|128)", "get, virtual threads", 1.3, "fio"),
      Target.cpu("reads of \\d+ B, depth (32|128)", "getAll", 1.3, "fio"),
      Target.timesBetter("reads of \\d+ B, depth (32|128)", "get, virtual threads", 0.9, "fio"),
      Target.timesBetter("reads of \\d+ B, depth (32|128)", "getAll", 0.9, "fio")),
  /** Evictions from memory to the file. */
  SPILL("fio", (dir, quick) -> new SpillBench(dir, quick).run()),
  /** Opening a file with values. */
  RECOVERY(
      "fio",
      (dir, quick) -> new RecoveryBench(dir, quick).run(),
      Target.atMost("clean reopen", "Carafe", 150)),
  /** Puts into full memory, at full speed and at half that rate. */
  PUTS(
      "",
      (dir, quick) -> new PutsBench(dir, quick).run(),
      Target.longestMillis("puts", "half of it", 10));

  /** The contender that the tables compare the others with. */
  final String baseline;

  @SuppressWarnings("ImmutableEnumChecker") // records of constants, lambdas that capture nothing
  final Method method;

  @SuppressWarnings("ImmutableEnumChecker") // an unmodifiable list of constants
  final List<Target> targets;

  Suite(String baseline, Jmh method, Target... targets) {
    this(baseline, (Method) method, targets);
  }

  Suite(String baseline, Rounds method, Target... targets) {
    this(baseline, (Method) method, targets);
  }

  Suite(String baseline, Method method, Target... targets) {
    this.baseline = baseline;
    this.method = method;
    this.targets = List.of(targets);
  }

  /** Method a suite is measured. */
  sealed interface Method {}

  /**
   * By JMH in forked JVMs.
   *
   * @param pattern the names of the benchmarks
   * @param contenderParam the benchmark parameter that selects the contender
   * @param contenders the default contenders
   * @param millis the length of an iteration
   * @param quickMillis the length of an iteration of a quick run
   * @param quickParams benchmark parameters of a quick run
   */
  record Jmh(
      String pattern,
      String contenderParam,
      List<String> contenders,
      int millis,
      int quickMillis,
      Map<String, String> quickParams)
      implements Method {}

  /** In this JVM, in interleaved rounds. */
  @FunctionalInterface
  non-sealed interface Rounds extends Method {
    /**
     * Runs the suite.
     *
     * @param dir the directory of its files
     * @param quick whether to use less data and time
     */
    List<Figure> run(Path dir, boolean quick) throws Exception;
  }
}
