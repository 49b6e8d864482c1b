package dev.carafe.bench.policy;

import dev.carafe.bench.Trace;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The results of all policies with one trace, for several sizes of memory and file.
 *
 * @param heading the trace
 * @param cells the results, ordered by file size and memory size
 */
record PolicyGrid(String heading, List<Cell> cells) implements SimulationGrid {
  private static final double PERCENT = 100;

  /**
   * The results in one setting.
   *
   * @param setting trace, memory and file
   * @param file the size of the file
   * @param memoryPercent the memory in percent of the unique bytes
   * @param results by policy
   */
  record Cell(
      String setting, FileSize file, double memoryPercent, Map<PolicyKind, Result> results) {
    double best() {
      return results.entrySet().stream()
          .filter(entry -> entry.getKey().isReference())
          .mapToDouble(entry -> entry.getValue().hits)
          .max()
          .orElse(0);
    }

    /** The difference to the best reference policy in points; 0 if the policy is better. */
    double regret(PolicyKind policy) {
      return Math.max(0, best() - of(policy).hits);
    }

    double behindCaffeine(PolicyKind policy) {
      return Math.max(0, of(PolicyKind.CAFFEINE).hits - of(policy).hits);
    }

    Result of(PolicyKind policy) {
      return Objects.requireNonNull(results.get(policy));
    }
  }

  /**
   * The result of a policy.
   *
   * @param hits hits of both tiers in percent of the reads
   * @param written bytes written to the file in percent of the unique bytes
   */
  record Result(double hits, double written) {}

  /** The capacity of the file. */
  enum FileSize {
    /** No file. */
    NONE("no file") {
      @Override
      long bytes(long memoryBytes, long uniqueBytes) {
        return 0;
      }
    },
    /** Four times the memory. */
    FOUR_TIMES("a file of 4 times the memory") {
      @Override
      long bytes(long memoryBytes, long uniqueBytes) {
        return 4 * memoryBytes;
      }
    },
    /** Twice the unique bytes, because the log also has records of overwritten values. */
    ALL("a file for all values") {
      @Override
      long bytes(long memoryBytes, long uniqueBytes) {
        return 2 * uniqueBytes;
      }
    };

    private final String label;

    FileSize(String label) {
      this.label = label;
    }

    abstract long bytes(long memoryBytes, long uniqueBytes);

    String label() {
      return label;
    }
  }

  static PolicyGrid of(String name, Trace trace, List<Double> memoryPercents) {
    List<Cell> cells = new ArrayList<>();
    for (FileSize file : FileSize.values()) {
      for (double percent : memoryPercents) {
        long memoryBytes = (long) (trace.uniqueBytes() * percent / PERCENT);
        Map<PolicyKind, Result> results = new EnumMap<>(PolicyKind.class);
        for (PolicyKind policy : PolicyKind.values()) {
          long fileBytes = file.bytes(memoryBytes, trace.uniqueBytes());
          results.put(policy, simulate(trace, policy, memoryBytes, fileBytes));
        }
        String setting = "%s, memory %s, %s".formatted(name, percent(percent), file.label);
        cells.add(new Cell(setting, file, percent, results));
      }
    }
    return new PolicyGrid(heading(name, trace), cells);
  }

  static String heading(String name, Trace trace) {
    return String.format(
        Locale.ROOT,
        "%s: %,d requests, %,d keys, %,d bytes",
        name,
        trace.requests(),
        trace.keyCount(),
        trace.uniqueBytes());
  }

  private static Result simulate(Trace trace, PolicyKind policy, long memoryBytes, long fileBytes) {
    SimulatedCache.Result result = policy.simulate(trace, memoryBytes, fileBytes);
    return new Result(
        PERCENT * result.hitRatio(), PERCENT * result.writtenBytes() / trace.uniqueBytes());
  }

  static String percent(double value) {
    return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f %%" : "%s %%", value);
  }

  /** Formats hits in percent of the reads and, in brackets, bytes written in percent. */
  @Override
  public String table() {
    StringBuilder out = new StringBuilder("\n").append(heading).append('\n');
    for (FileSize file : FileSize.values()) {
      List<Cell> row = cells.stream().filter(cell -> cell.file == file).toList();
      out.append(columns(file, row.stream().map(cell -> cell.memoryPercent).toList()));
      for (PolicyKind policy : PolicyKind.values()) {
        out.append(String.format(Locale.ROOT, "    %-26s", policy.label()));
        row.forEach(cell -> {
          Result result = cell.of(policy);
          out.append(cell(result.hits, result.written, file));
        });
        out.append('\n');
      }
    }
    return out.toString().replaceAll(" +\n", "\n");
  }

  /** The results for JSON: hits of both tiers and written bytes, in percent, by policy. */
  @Override
  public Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("trace", heading);
    map.put("settings", cells.stream().map(PolicyGrid::asMap).toList());
    return map;
  }

  private static Map<String, Object> asMap(Cell cell) {
    Map<String, Object> policies = new LinkedHashMap<>();
    cell.results.forEach((policy, result) ->
        policies.put(
            policy.label(), Map.of("hitPercent", result.hits, "writtenPercent", result.written)));
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("memoryPercent", cell.memoryPercent);
    map.put("file", cell.file.label);
    map.put("policies", policies);
    return map;
  }

  /** Formats the heading of the rows of a file size. */
  static String columns(FileSize file, List<Double> memoryPercents) {
    StringBuilder out = new StringBuilder(String.format(Locale.ROOT, "  %-28s", file.label));
    memoryPercents.forEach(value -> out.append(String.format(Locale.ROOT, "%16s", percent(value))));
    return out.append('\n').toString();
  }

  /** Formats hits and, in brackets, bytes written. */
  static String cell(double hits, double writtenPercent, FileSize file) {
    String written =
        file == FileSize.NONE ? "" : String.format(Locale.ROOT, " (%.0f)", writtenPercent);
    return String.format(Locale.ROOT, "%9.2f%-7s", hits, written);
  }

  /** Formats the difference of each policy to the best reference policy of each setting. */
  static String regretTable(List<PolicyGrid> grids) {
    List<Cell> all = grids.stream().flatMap(grid -> grid.cells.stream()).toList();
    StringBuilder out =
        new StringBuilder(
            "\ndifference to the best of the first five policies in each setting, in points\n");
    out.append(
        String.format(
            Locale.ROOT,
            "  %-10s%8s%8s%16s  %s%n",
            "",
            "mean",
            "worst",
            "below caffeine",
            "worst in"));
    for (PolicyKind policy : PolicyKind.values()) {
      Cell worst = all.getFirst();
      double sum = 0;
      double behindCaffeine = 0;
      for (Cell cell : all) {
        sum += cell.regret(policy);
        behindCaffeine = Math.max(behindCaffeine, cell.behindCaffeine(policy));
        worst = cell.regret(policy) > worst.regret(policy) ? cell : worst;
      }
      out.append(
          String.format(
              Locale.ROOT,
              "  %-10s%8.2f%8.2f%16.2f  %s%n",
              policy.label(),
              sum / all.size(),
              worst.regret(policy),
              behindCaffeine,
              worst.setting));
    }
    return out.toString();
  }
}
