package dev.carafe.bench.near;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Formats results as Markdown: medians over processes and rounds, with lowest and highest. */
final class NearTables {
  private static final double MIB = 1 << 20;
  private static final String CARAFE = "carafe";

  private final Map<String, List<NearFigures>> byContender = new LinkedHashMap<>();

  NearTables(List<NearFigures> all) {
    for (NearFigures each : all) {
      byContender.computeIfAbsent(each.contender(), name -> new ArrayList<>()).add(each);
    }
  }

  /** Formats the reads before a restart. */
  String reads() {
    StringBuilder out =
        new StringBuilder(
            """
            | contender | near | requests/s | p50 | p99 | p99.9 | older | stale | memory |
            |---|---:|---:|---:|---:|---:|---:|---:|---:|
            """);
    byContender.forEach((name, rows) ->
        line(
            out,
            name,
            spread("%.3f", "", rows, NearFigures::nearRatio),
            spread("%,.0f", "", rows, row -> row.real("steady", "opsPerSecond")),
            spread("%,.0f", " µs", rows, row -> row.micros("steady", "getMicros", "p50")),
            spread("%,.0f", " µs", rows, row -> row.micros("steady", "getMicros", "p99")),
            spread("%,.0f", " µs", rows, row -> row.micros("steady", "getMicros", "p999")),
            String.valueOf(sum(rows, "older")),
            String.valueOf(sum(rows, "stale")),
            spread("%,.0f", " MiB", rows, row -> row.real("steady", "peakRssBytes") / MIB)));
    return out.toString();
  }

  /** Formats the reads after a restart, of the contenders that have a near cache. */
  String restarts() {
    StringBuilder out =
        new StringBuilder(
            """
            | contender | near before | near, first 1 % | and confirmed | its p50 | its p99 | until 0.95 | requests/s |
            |---|---:|---:|---:|---:|---:|---:|---:|
            """);
    byContender.forEach((name, rows) -> {
      if (!Double.isNaN(rows.getFirst().earlyKeptRatio())) {
        line(
            out,
            name,
            spread("%.3f", "", rows, NearFigures::nearRatio),
            spread("%.3f", "", rows, NearFigures::earlyNearRatio),
            spread("%.3f", "", rows, NearFigures::earlyKeptRatio),
            spread("%,.0f", " µs", rows, row -> row.micros("reopened", "earlyGetMicros", "p50")),
            spread("%,.0f", " µs", rows, row -> row.micros("reopened", "earlyGetMicros", "p99")),
            spread("%.0f", " %", rows, NearFigures::hundredthsUntilTarget),
            spread("%,.0f", "", rows, row -> row.real("reopened", "opsPerSecond")));
      }
    });
    return out.toString();
  }

  /** Formats whether the target of a restart is met; empty without results of Carafe. */
  String target() {
    List<NearFigures> rows = byContender.getOrDefault(CARAFE, List.of());
    if (rows.isEmpty()) {
      return "";
    }
    double least = rows.stream().mapToDouble(NearFigures::keptShare).min().orElseThrow();
    return "Target: within the first 1 % of the requests after a restart, values of the near tier"
        + " answer at\nleast %s of the former share; carafe: %s, %s.\n"
            .formatted(
                NearFigures.TARGET,
                spread("%.3f", "", rows, NearFigures::keptShare),
                least >= NearFigures.TARGET ? "met" : "missed");
  }

  /** Returns what must not happen; empty if all is well. */
  List<String> failures() {
    List<String> failures = new ArrayList<>();
    byContender.forEach((name, rows) -> {
      require(failures, name, "wrong or missing values", sum(rows, "wrong"));
      if (name.equals(CARAFE)) {
        require(failures, name, "older values", sum(rows, "older"));
        require(failures, name, "values that stayed stale", sum(rows, "stale"));
      }
    });
    return failures;
  }

  private static void require(List<String> failures, String name, String what, long count) {
    if (count > 0) {
      failures.add(name + ": " + count + " " + what);
    }
  }

  private static long sum(List<NearFigures> rows, String name) {
    return rows.stream().mapToLong(row -> row.count(name)).sum();
  }

  private static void line(StringBuilder out, String... cells) {
    out.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  private static String spread(
      String format, String unit, List<NearFigures> rows, ToDoubleFunction<NearFigures> figure) {
    double[] sorted = rows.stream().mapToDouble(figure).sorted().toArray();
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    String low = number(format, sorted[0]);
    String high = number(format, sorted[sorted.length - 1]);
    String shown = number(format, median) + (Double.isInfinite(median) ? "" : unit);
    return low.equals(high) ? shown : shown + " (" + low + "…" + high + ")";
  }

  private static String number(String format, double figure) {
    return Double.isInfinite(figure) ? "not" : String.format(Locale.ROOT, format, figure);
  }
}
