package dev.carafe.bench.report;

import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A metric that the report shows, and the lines of a result file that have it.
 *
 * @param filter selects the lines
 * @param title the name of the metric
 * @param unit the unit
 * @param higherIsBetter whether higher values are better
 * @param over the field of the x axis, empty for a ranking
 * @param value returns the value of a line; NaN if the line has none
 */
record Metric(
    LineFilter filter,
    String title,
    String unit,
    boolean higherIsBetter,
    String over,
    ToDoubleFunction<Map<String, Object>> value) {

  /**
   * Selects lines.
   *
   * @param suite the suite
   * @param phase the phase
   * @param threads the number of threads, 0 for any
   * @param allWorkloads whether all workloads share a chart
   */
  record LineFilter(String suite, String phase, long threads, boolean allWorkloads) {
    static LineFilter of(String suite, String phase) {
      return new LineFilter(suite, phase, 0, false);
    }

    static LineFilter of(String suite, String phase, long threads) {
      return new LineFilter(suite, phase, threads, false);
    }

    boolean has(Map<String, Object> line) {
      return suite.equals(line.get("suite"))
          && phase.equals(line.get("phase"))
          && (threads == 0 || ResultLines.number(line, "threads") == threads);
    }
  }

  static final List<Metric> ALL =
      List.of(
          higher(
              LineFilter.of("memory", "get", 1), "get, copied, 1 thread", "ops/s", "opsPerSecond"),
          higher(
              LineFilter.of("memory", "get", 2), "get, copied, 2 threads", "ops/s", "opsPerSecond"),
          higher(
              LineFilter.of("memory", "visit", 1),
              "get without a copy, 1 thread",
              "ops/s",
              "opsPerSecond"),
          higher(
              LineFilter.of("memory", "visit", 2),
              "get without a copy, 2 threads",
              "ops/s",
              "opsPerSecond"),
          higher(
              LineFilter.of("memory", "mixed", 2),
              "90 % get, 10 % put, 2 threads",
              "ops/s",
              "opsPerSecond"),
          latencyOver(
              "rate",
              LineFilter.of("memory", "rate"),
              "get p99.9 at a fixed rate",
              "getMicros.p999"),
          latencyOver(
              "rate",
              LineFilter.of("memory", "rate"),
              "get p99.99 at a fixed rate",
              "getMicros.p9999"),
          lower(LineFilter.of("memory", "fill"), "heap per entry", "bytes", "heapBytesPerEntry"),
          lower(LineFilter.of("memory", "fill"), "RSS per entry", "bytes", "rssBytesPerEntry"),
          lower(
              LineFilter.of("memory", "fill"),
              "RSS beyond the heap per entry",
              "bytes",
              "rssBeyondHeapBytesPerEntry"),
          higher(
              LineFilter.of("memory", "look-aside"),
              "hit ratio with the same total memory",
              "share",
              "hitRatio"),
          higher(
              LineFilter.of("memory", "look-aside"),
              "look-aside throughput, 2 threads",
              "ops/s",
              "opsPerSecond"),
          higher(
              LineFilter.of("memory", "fresh puts"),
              "puts of new keys into a full cache, 2 threads",
              "ops/s",
              "opsPerSecond"),
          lower(
              LineFilter.of("memory", "fresh puts"),
              "put of a new key into a full cache, p99.9",
              "µs",
              "putMicros.p999"),
          new Metric(
              LineFilter.of("memory", "fresh puts"),
              "peak RSS / total memory budget",
              "share",
              false,
              "",
              line ->
                  ResultLines.number(line, "peakRssBytes")
                      / ResultLines.number(line, "totalBytes")),
          gc("longest pause", "ms", "gcLongestMillis"),
          gc("sum of all pauses", "ms", "gcMillis"),
          gc("get p99.99", "µs", "getMicros.p9999"),
          gc("throughput, 90 % get, 10 % put, 2 threads", "ops/s", "opsPerSecond"),
          new Metric(
              LineFilter.of("trace", "replay"),
              "hit ratio",
              "share",
              true,
              "memoryPercent",
              line -> ResultLines.number(line, "hitRatio")),
          new Metric(
              LineFilter.of("trace", "replay"),
              "requests per second",
              "ops/s",
              true,
              "memoryPercent",
              line -> ResultLines.number(line, "opsPerSecond")),
          new Metric(
              LineFilter.of("trace", "replay"),
              "hit ratio of the memory tier alone",
              "share",
              true,
              "memoryPercent",
              line ->
                  ResultLines.number(line, "counters.hits.memory")
                      / (ResultLines.number(line, "hits") + ResultLines.number(line, "misses"))),
          higher(
              LineFilter.of("hybrid", "cold", 2),
              "first seconds after a cold open, 2 threads",
              "ops/s",
              "opsPerSecond"),
          higher(
              LineFilter.of("hybrid", "steady", 2),
              "steady state, 2 threads",
              "ops/s",
              "opsPerSecond"),
          higher(
              LineFilter.of("hybrid", "steady", 8),
              "steady state, 8 threads",
              "ops/s",
              "opsPerSecond"),
          lower(LineFilter.of("hybrid", "steady", 2), "get p99, 2 threads", "µs", "getMicros.p99"),
          lower(LineFilter.of("hybrid", "steady", 8), "get p99, 8 threads", "µs", "getMicros.p99"),
          lower(
              LineFilter.of("hybrid", "steady", 2), "put p99.9, 2 threads", "µs", "putMicros.p999"),
          latencyOver(
              "rate",
              LineFilter.of("hybrid", "rate"),
              "get p99.9 at a fixed rate",
              "getMicros.p999"),
          higher(LineFilter.of("hybrid", "fill"), "fill, flush and close", "ops/s", "opsPerSecond"),
          new Metric(
              LineFilter.of("hybrid", "fill"),
              "bytes written to the device / value bytes",
              "times",
              false,
              "",
              line ->
                  ResultLines.number(line, "deviceWrittenBytes")
                      / ResultLines.number(line, "payloadBytes")),
          new Metric(
              LineFilter.of("hybrid", "steady", 2),
              "bytes read from the device per operation",
              "bytes",
              false,
              "",
              line ->
                  ResultLines.number(line, "deviceReadBytes")
                      / ResultLines.number(line, "operations")),
          new Metric(
              LineFilter.of("hybrid", "steady", 8),
              "peak memory with page cache / total memory budget",
              "share",
              false,
              "",
              line ->
                  ResultLines.number(line, "peakTotalBytes")
                      / ResultLines.number(line, "totalBytes")),
          lower(
              LineFilter.of("hybrid", "steady", 2),
              "processor time per operation",
              "ns",
              "cpuNanosPerOp"),
          lower(
              LineFilter.of("restart", "reopen"), "cold open to first hit", "ms", "firstHitMillis"),
          lower(
              LineFilter.of("restart", "reopenAot"),
              "cold open to first hit, with an AOT cache",
              "ms",
              "firstHitMillis"),
          lower(
              LineFilter.of("restart", "reopen"),
              "cold open until all entries are read",
              "ms",
              "allReadMillis"),
          lower(LineFilter.of("restart", "fill"), "clean close", "ms", "closeMillis"),
          lower(
              LineFilter.of("restart", "reopen"),
              "entries lost by a clean close",
              "entries",
              "lost"),
          lower(
              LineFilter.of("crash", "check"),
              "entries lost after a flush and SIGKILL",
              "entries",
              "lostFlushed"),
          lower(
              LineFilter.of("crash", "check"),
              "entries put after the flush and lost by SIGKILL",
              "entries",
              "lostAfterFlush"),
          new Metric(
              LineFilter.of("crash", "check"),
              "stale or resurrected entries after SIGKILL",
              "entries",
              false,
              "",
              line -> ResultLines.number(line, "stale") + ResultLines.number(line, "cameBack")),
          lower(
              LineFilter.of("crash", "check"),
              "entries with wrong bytes after SIGKILL",
              "entries",
              "wrong"),
          lower(LineFilter.of("crash", "check"), "open after SIGKILL", "ms", "openMillis"));

  private static Metric higher(LineFilter filter, String title, String unit, String field) {
    return new Metric(filter, title, unit, true, "", line -> ResultLines.number(line, field));
  }

  private static Metric lower(LineFilter filter, String title, String unit, String field) {
    return new Metric(filter, title, unit, false, "", line -> ResultLines.number(line, field));
  }

  private static Metric latencyOver(String x, LineFilter filter, String title, String field) {
    return new Metric(filter, title, "µs", false, x, line -> ResultLines.number(line, field));
  }

  private static Metric gc(String title, String unit, String field) {
    return new Metric(
        new LineFilter("gc", "held", 0, true),
        title,
        unit,
        unit.equals("ops/s"),
        "entries",
        line -> ResultLines.number(line, field));
  }
}
