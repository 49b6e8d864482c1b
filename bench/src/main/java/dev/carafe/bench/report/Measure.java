package dev.carafe.bench.report;

import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A figure worth a picture: where it is in a result file, and what it is called.
 *
 * @param where the lines it is in
 * @param title what it is
 * @param unit its unit
 * @param higherIsBetter whether more is better
 * @param over the field of the x axis, empty for a ranking
 * @param value finds it in a line; not a number where the line has none
 */
record Measure(
    Where where,
    String title,
    String unit,
    boolean higherIsBetter,
    String over,
    ToDoubleFunction<Map<String, Object>> value) {

  /**
   * Which lines.
   *
   * @param suite of this suite
   * @param phase of this phase
   * @param threads with so many threads, 0 for any
   * @param together whether all workloads share a picture
   */
  record Where(String suite, String phase, long threads, boolean together) {
    static Where of(String suite, String phase) {
      return new Where(suite, phase, 0, false);
    }

    static Where of(String suite, String phase, long threads) {
      return new Where(suite, phase, threads, false);
    }

    boolean has(Map<String, Object> line) {
      return suite.equals(line.get("suite"))
          && phase.equals(line.get("phase"))
          && (threads == 0 || Lines.number(line, "threads") == threads);
    }
  }

  static final List<Measure> ALL =
      List.of(
          more(Where.of("memory", "get", 1), "get, copied, 1 thread", "ops/s", "opsPerSecond"),
          more(Where.of("memory", "get", 2), "get, copied, 2 threads", "ops/s", "opsPerSecond"),
          more(
              Where.of("memory", "visit", 1),
              "get without a copy, 1 thread",
              "ops/s",
              "opsPerSecond"),
          more(
              Where.of("memory", "visit", 2),
              "get without a copy, 2 threads",
              "ops/s",
              "opsPerSecond"),
          more(
              Where.of("memory", "mixed", 2),
              "90 % get, 10 % put, 2 threads",
              "ops/s",
              "opsPerSecond"),
          over("rate", Where.of("memory", "rate"), "get p99.9 at a fixed rate", "getMicros.p999"),
          over("rate", Where.of("memory", "rate"), "get p99.99 at a fixed rate", "getMicros.p9999"),
          less(Where.of("memory", "fill"), "heap per entry", "bytes", "heapBytesPerEntry"),
          less(Where.of("memory", "fill"), "RSS per entry", "bytes", "rssBytesPerEntry"),
          less(
              Where.of("memory", "fill"),
              "RSS beyond the heap per entry",
              "bytes",
              "rssBeyondHeapBytesPerEntry"),
          more(
              Where.of("memory", "look-aside"),
              "hit ratio with the same total memory",
              "share",
              "hitRatio"),
          more(
              Where.of("memory", "look-aside"),
              "look-aside throughput, 2 threads",
              "ops/s",
              "opsPerSecond"),
          more(
              Where.of("memory", "fresh puts"),
              "puts of new keys into a full cache, 2 threads",
              "ops/s",
              "opsPerSecond"),
          less(Where.of("memory", "fresh puts"), "those puts, p99.9", "µs", "putMicros.p999"),
          new Measure(
              Where.of("memory", "fresh puts"),
              "peak RSS over the total budget (1 is what was allowed)",
              "share",
              false,
              "",
              line -> Lines.number(line, "peakRssBytes") / Lines.number(line, "totalBytes")),
          gc("longest pause", "ms", "gcLongestMillis"),
          gc("all pauses", "ms", "gcMillis"),
          gc("get p99.99", "µs", "getMicros.p9999"),
          gc("throughput, 90 % get, 10 % put, 2 threads", "ops/s", "opsPerSecond"),
          new Measure(
              Where.of("trace", "replay"),
              "hit ratio",
              "share",
              true,
              "memoryPercent",
              line -> Lines.number(line, "hitRatio")),
          new Measure(
              Where.of("trace", "replay"),
              "requests per second",
              "ops/s",
              true,
              "memoryPercent",
              line -> Lines.number(line, "opsPerSecond")),
          new Measure(
              Where.of("trace", "replay"),
              "hit ratio of the memory tier alone",
              "share",
              true,
              "memoryPercent",
              line ->
                  Lines.number(line, "counters.hits.memory")
                      / (Lines.number(line, "hits") + Lines.number(line, "misses"))),
          more(Where.of("hybrid", "cold", 2), "just opened, 2 threads", "ops/s", "opsPerSecond"),
          more(Where.of("hybrid", "steady", 2), "steady, 2 threads", "ops/s", "opsPerSecond"),
          more(Where.of("hybrid", "steady", 8), "steady, 8 threads", "ops/s", "opsPerSecond"),
          less(Where.of("hybrid", "steady", 2), "get p99, 2 threads", "µs", "getMicros.p99"),
          less(Where.of("hybrid", "steady", 8), "get p99, 8 threads", "µs", "getMicros.p99"),
          less(Where.of("hybrid", "steady", 2), "put p99.9, 2 threads", "µs", "putMicros.p999"),
          over("rate", Where.of("hybrid", "rate"), "get p99.9 at a fixed rate", "getMicros.p999"),
          more(Where.of("hybrid", "fill"), "filling, flushed and closed", "ops/s", "opsPerSecond"),
          new Measure(
              Where.of("hybrid", "fill"),
              "bytes written to the device, over the values' bytes",
              "times",
              false,
              "",
              line ->
                  Lines.number(line, "deviceWrittenBytes") / Lines.number(line, "payloadBytes")),
          new Measure(
              Where.of("hybrid", "steady", 2),
              "bytes read from the device per operation",
              "bytes",
              false,
              "",
              line -> Lines.number(line, "deviceReadBytes") / Lines.number(line, "operations")),
          new Measure(
              Where.of("hybrid", "steady", 8),
              "peak memory with page cache, over the total budget",
              "share",
              false,
              "",
              line -> Lines.number(line, "peakTotalBytes") / Lines.number(line, "totalBytes")),
          less(
              Where.of("hybrid", "steady", 2),
              "processor time per operation",
              "ns",
              "cpuNanosPerOp"),
          less(Where.of("restart", "reopen"), "open to first hit, cold", "ms", "firstHitMillis"),
          less(
              Where.of("restart", "reopenAot"),
              "open to first hit, cold, with an AOT cache",
              "ms",
              "firstHitMillis"),
          less(Where.of("restart", "reopen"), "until all was read", "ms", "allReadMillis"),
          less(Where.of("restart", "fill"), "orderly close", "ms", "closeMillis"),
          less(Where.of("restart", "reopen"), "lost by an orderly close", "entries", "lost"),
          less(Where.of("crash", "check"), "lost though flushed", "entries", "lostFlushed"),
          less(
              Where.of("crash", "check"), "lost, put after the flush", "entries", "lostAfterFlush"),
          new Measure(
              Where.of("crash", "check"),
              "older than acknowledged, or back from removal",
              "entries",
              false,
              "",
              line -> Lines.number(line, "stale") + Lines.number(line, "cameBack")),
          less(Where.of("crash", "check"), "wrong bytes", "entries", "wrong"),
          less(Where.of("crash", "check"), "open after the kill", "ms", "openMillis"));

  private static Measure more(Where where, String title, String unit, String field) {
    return new Measure(where, title, unit, true, "", line -> Lines.number(line, field));
  }

  private static Measure less(Where where, String title, String unit, String field) {
    return new Measure(where, title, unit, false, "", line -> Lines.number(line, field));
  }

  private static Measure over(String x, Where where, String title, String field) {
    return new Measure(where, title, "µs", false, x, line -> Lines.number(line, field));
  }

  private static Measure gc(String title, String unit, String field) {
    return new Measure(
        new Where("gc", "held", 0, true),
        title,
        unit,
        unit.equals("ops/s"),
        "entries",
        line -> Lines.number(line, field));
  }
}
