package dev.carafe.bench.policy;

import dev.carafe.bench.Trace;
import dev.carafe.bench.policy.PolicyGrid.FileSize;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The results of all choices of what is written to the file, for several sizes of memory and file.
 * The policy of memory is Caffeine's.
 *
 * @param heading the trace
 * @param cells the results, ordered by file size and memory size; bytes written in percent of those
 *     if every miss is written
 */
record AdmissionGrid(String heading, List<Cell> cells) implements SimulationGrid {
  private static final double PERCENT = 100;
  private static final double NEAR_POINTS = 0.4;
  private static final List<FileSize> FILES = List.of(FileSize.FOUR_TIMES, FileSize.ALL);
  private static final List<AdmissionKind> KINDS = List.of(AdmissionKind.values());

  /**
   * The results in one setting.
   *
   * @param setting trace and memory
   * @param file the size of the file
   * @param memoryPercent the memory in percent of the unique bytes
   * @param holdsAll whether the file can hold all values
   * @param results by what is written
   */
  record Cell(
      String setting,
      FileSize file,
      double memoryPercent,
      boolean holdsAll,
      Map<AdmissionKind, Result> results)
      implements Setting<AdmissionKind> {
    /** The difference to the hits if every miss is written, in points. */
    double gain(AdmissionKind kind) {
      return of(kind).hits() - of(AdmissionKind.MISSES).hits();
    }

    /** The difference to the hits of the best fixed choice, in points. */
    double regret(AdmissionKind kind) {
      double best =
          KINDS.stream()
              .filter(AdmissionKind::isFixed)
              .mapToDouble(fixed -> of(fixed).hits())
              .max()
              .orElse(0);
      return Math.max(0, best - of(kind).hits());
    }
  }

  static AdmissionGrid of(String name, Trace trace, List<Double> memoryPercents) {
    List<Cell> cells = new ArrayList<>();
    for (FileSize file : FILES) {
      for (double percent : memoryPercents) {
        long memoryBytes = (long) (trace.uniqueBytes() * percent / PERCENT);
        long fileBytes = file.bytes(memoryBytes, trace.uniqueBytes());
        List<SimulatedCache.Result> simulated =
            PolicyKind.CAFFEINE.simulate(trace, memoryBytes, fileBytes, KINDS);
        double allMisses = Math.max(1, simulated.getFirst().writtenBytes());
        Map<AdmissionKind, Result> results = new EnumMap<>(AdmissionKind.class);
        for (AdmissionKind kind : KINDS) {
          SimulatedCache.Result result = simulated.get(KINDS.indexOf(kind));
          double written = PERCENT * result.writtenBytes() / allMisses;
          results.put(kind, new Result(PERCENT * result.hitRatio(), written));
        }
        boolean holdsAll = fileBytes >= trace.uniqueBytes();
        String setting = "%s, memory %s".formatted(name, SimulationGrid.percent(percent));
        cells.add(new Cell(setting, file, percent, holdsAll, results));
      }
    }
    return new AdmissionGrid(PolicyGrid.heading(name, trace), cells);
  }

  @Override
  public String table() {
    return SimulationGrid.table(heading, FILES, KINDS, cells);
  }

  @Override
  public Map<String, Object> asMap() {
    return SimulationGrid.asMap(heading, "written", cells);
  }

  /** Formats means and worst cells, apart for files that can hold all values and for others. */
  static String summary(List<AdmissionGrid> grids) {
    List<Cell> all = grids.stream().flatMap(grid -> grid.cells.stream()).toList();
    return summary("files that can't hold all values", all.stream().filter(cell -> !cell.holdsAll))
        + summary("files that can hold all values", all.stream().filter(cell -> cell.holdsAll))
        + summary("all settings", all.stream());
  }

  private static String summary(String which, Stream<Cell> selected) {
    List<Cell> group = selected.toList();
    if (group.isEmpty()) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "%n%s (%d): hits above those of every miss, and behind the best fixed choice, in"
                + " points%n  %-22s%8s%8s%10s%10s%8s%12s  %s%n",
            which,
            group.size(),
            "",
            "mean",
            "worst",
            "written",
            "behind",
            "worst",
            "within .4",
            "worst in"));
    for (AdmissionKind kind : KINDS) {
      Cell worst = group.getFirst();
      double gain = 0;
      double worstGain = Double.MAX_VALUE;
      double written = 0;
      double regret = 0;
      int near = 0;
      for (Cell cell : group) {
        gain += cell.gain(kind);
        worstGain = Math.min(worstGain, cell.gain(kind));
        written += cell.of(kind).written();
        regret += cell.regret(kind);
        near += cell.regret(kind) <= NEAR_POINTS ? 1 : 0;
        worst = cell.regret(kind) > worst.regret(kind) ? cell : worst;
      }
      out.append(
          String.format(
              Locale.ROOT,
              "  %-22s%+8.2f%+8.2f%8.0f %%%10.2f%8.2f%12d  %s%n",
              kind.label(),
              gain / group.size(),
              worstGain,
              written / group.size(),
              regret / group.size(),
              worst.regret(kind),
              near,
              worst.setting));
    }
    return out.toString();
  }
}
