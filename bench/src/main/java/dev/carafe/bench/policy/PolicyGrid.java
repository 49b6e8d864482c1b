package dev.carafe.bench.policy;

import dev.carafe.bench.Trace;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The results of all policies with one trace, for several sizes of memory and file.
 *
 * @param heading the trace
 * @param cells the results, ordered by file size and memory size; bytes written in percent of the
 *     unique bytes
 */
record PolicyGrid(String heading, List<Cell> cells) implements SimulationGrid {
  private static final double PERCENT = 100;
  private static final List<FileSize> FILES = List.of(FileSize.values());
  private static final List<PolicyKind> POLICIES = List.of(PolicyKind.values());

  /**
   * The results in one setting.
   *
   * @param setting trace, memory and file
   * @param file the size of the file
   * @param memoryPercent the memory in percent of the unique bytes
   * @param results by policy
   */
  record Cell(String setting, FileSize file, double memoryPercent, Map<PolicyKind, Result> results)
      implements Setting<PolicyKind> {
    double best() {
      return results.entrySet().stream()
          .filter(entry -> entry.getKey().isReference())
          .mapToDouble(entry -> entry.getValue().hits())
          .max()
          .orElse(0);
    }

    /** The difference to the best reference policy in points; 0 if the policy is better. */
    double regret(PolicyKind policy) {
      return Math.max(0, best() - of(policy).hits());
    }

    double behindCaffeine(PolicyKind policy) {
      return Math.max(0, of(PolicyKind.CAFFEINE).hits() - of(policy).hits());
    }
  }

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
    for (FileSize file : FILES) {
      for (double percent : memoryPercents) {
        long memoryBytes = (long) (trace.uniqueBytes() * percent / PERCENT);
        Map<PolicyKind, Result> results = new EnumMap<>(PolicyKind.class);
        for (PolicyKind policy : POLICIES) {
          long fileBytes = file.bytes(memoryBytes, trace.uniqueBytes());
          results.put(policy, simulate(trace, policy, memoryBytes, fileBytes));
        }
        String setting =
            "%s, memory %s, %s".formatted(name, SimulationGrid.percent(percent), file.label);
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

  @Override
  public String table() {
    return SimulationGrid.table(heading, FILES, POLICIES, cells);
  }

  @Override
  public Map<String, Object> asMap() {
    return SimulationGrid.asMap(heading, "policies", cells);
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
    for (PolicyKind policy : POLICIES) {
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
