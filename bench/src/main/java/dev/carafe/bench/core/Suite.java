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
          Map.of()),
      Target.timesBetter("lifo, bytes 4096", "pool", 1 / 1.3, "region"),
      Target.timesBetter("(lifo|random), bytes mixed", "pool", 1, "malloc")),
  /** Reads that find their value in memory. */
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
  /** What an entry costs on the heap. */
  HEAP("caffeine", (_, quick) -> new HeapBench(quick).run(), Target.atMost("heap", "carafe", 112)),
  /** Random reads: fio, a file channel, the device, and the cache by each kind of caller. */
  READS(
      "fio",
      (dir, quick) -> new FileReadsBench(dir, quick).run(),
      Target.cpu("reads of \\d+ B, depth 1$", "get, platform threads", 1.5, "fio"),
      Target.cpu("reads of \\d+ B, depth (32|128)", "get, virtual threads", 1.3, "fio"),
      Target.cpu("reads of \\d+ B, depth (32|128)", "getAll", 1.3, "fio"),
      Target.timesBetter("reads of \\d+ B, depth (32|128)", "get, virtual threads", 0.9, "fio"),
      Target.timesBetter("reads of \\d+ B, depth (32|128)", "getAll", 0.9, "fio")),
  /** Values that memory has no room for, on their way to the file. */
  SPILL("fio", (dir, quick) -> new SpillBench(dir, quick).run()),
  /** Opening a file that holds values. */
  RECOVERY(
      "fio",
      (dir, quick) -> new RecoveryBench(dir, quick).run(),
      Target.atMost("clean reopen", "Carafe", 150)),
  /** Puts into a full memory, as fast as they go and at half of that. */
  PUTS(
      "",
      (dir, quick) -> new PutsBench(dir, quick).run(),
      Target.longestMillis("puts", "half of it", 10));

  /** Whom the others are compared with. */
  final String measure;

  @SuppressWarnings("ImmutableEnumChecker") // records of constants, lambdas that capture nothing
  final How how;

  @SuppressWarnings("ImmutableEnumChecker") // an unmodifiable list of constants
  final List<Target> targets;

  Suite(String measure, Jmh how, Target... targets) {
    this(measure, (How) how, targets);
  }

  Suite(String measure, Rounds how, Target... targets) {
    this(measure, (How) how, targets);
  }

  Suite(String measure, How how, Target... targets) {
    this.measure = measure;
    this.how = how;
    this.targets = List.of(targets);
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
