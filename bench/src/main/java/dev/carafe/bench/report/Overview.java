package dev.carafe.bench.report;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * The overview of a report: what each contender keeps over a restart, its throughput, and its heap
 * per entry.
 */
final class Overview {
  private static final String HITS = "hits-1k";

  private final ResultLines lines;

  private Overview(ResultLines lines) {
    this.lines = lines;
  }

  /**
   * The results of one contender. A number is NaN if it was not measured.
   *
   * @param contender the contender
   * @param restart the share of its entries after a clean close and reopen
   * @param crash the share of its flushed entries after SIGKILL and reopen
   * @param memoryRate gets per second in memory, copied, one thread
   * @param fileRate operations per second with more data than memory, two threads
   * @param heapBytes heap bytes per entry of 1 KiB
   */
  record Row(
      String contender,
      double restart,
      double crash,
      double memoryRate,
      double fileRate,
      double heapBytes) {
    Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("contender", contender);
      json.put("restart", restart);
      json.put("crash", crash);
      json.put("memoryRate", memoryRate);
      json.put("fileRate", fileRate);
      json.put("heapBytes", heapBytes);
      return json;
    }
  }

  static List<Row> of(ResultLines lines) {
    return new Overview(lines).rows();
  }

  /** Describes a share of kept entries. */
  static String kept(double share) {
    if (Double.isNaN(share)) {
      return "–";
    }
    if (share == 0) {
      return "none";
    }
    return share == 1 ? "all" : Numbers.format(Math.min(99.9, 100 * share)) + " %";
  }

  private List<Row> rows() {
    Set<String> contenders = new LinkedHashSet<>();
    lines.figures().forEach(line -> contenders.add(String.valueOf(line.get("contender"))));
    return contenders.stream().map(this::row).filter(Overview::hasResult).toList();
  }

  private static boolean hasResult(Row row) {
    return row.restart() > 0
        || Double.isFinite(row.memoryRate())
        || Double.isFinite(row.fileRate());
  }

  private Row row(String contender) {
    return new Row(
        contender,
        isInMemory(contender)
            ? 0
            : mean(contender, "reopen-4k", "reopen", 0, line -> share(line, "found", "operations")),
        isInMemory(contender)
            ? 0
            : mean(contender, "kill-4k", "check", 0, Overview::keptAfterCrash),
        mean(contender, HITS, "get", 1, line -> ResultLines.number(line, "opsPerSecond")),
        mean(contender, "zipf-4k", "steady", 2, line -> ResultLines.number(line, "opsPerSecond")),
        mean(contender, HITS, "fill", 0, line -> ResultLines.number(line, "heapBytesPerEntry")));
  }

  /** Whether the run lines show that a contender does not persist its entries. */
  private boolean isInMemory(String contender) {
    return lines.runs().getLast().get("contenders") instanceof Map<?, ?> contenders
        && contenders.get(contender) instanceof Map<?, ?> about
        && about.get("traits") instanceof List<?> traits
        && !traits.contains("PERSISTS");
  }

  private static double share(Map<String, Object> line, String part, String whole) {
    return ResultLines.number(line, part) / ResultLines.number(line, whole);
  }

  /** The writer flushes half of the keys before it is killed. */
  private static double keptAfterCrash(Map<String, Object> line) {
    double flushed = ResultLines.number(line, "operations") / 2;
    return 1 - ResultLines.number(line, "lostFlushed") / flushed;
  }

  private double mean(
      String contender,
      String workload,
      String phase,
      long threads,
      ToDoubleFunction<Map<String, Object>> value) {
    OptionalDouble mean =
        lines.figures().stream()
            .filter(line -> contender.equals(line.get("contender")))
            .filter(line -> workload.equals(line.get("workload")))
            .filter(line -> phase.equals(line.get("phase")))
            .filter(line -> threads == 0 || ResultLines.number(line, "threads") == threads)
            .mapToDouble(value)
            .filter(Double::isFinite)
            .average();
    return mean.orElse(Double.NaN);
  }
}
