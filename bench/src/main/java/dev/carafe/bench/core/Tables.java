package dev.carafe.bench.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Formats results as text tables: one table per setting, one line per contender. */
final class Tables {
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double WHOLE_FROM = 1000;

  private Tables() {}

  /**
   * Formats tables.
   *
   * @param figures the results in the order of the tables
   * @param baseline the baseline contender; the first contender if it has no result
   */
  static String of(List<Figure> figures, String baseline) {
    Map<String, List<Figure>> bySetting = new LinkedHashMap<>();
    for (Figure figure : figures) {
      bySetting.computeIfAbsent(figure.setting(), setting -> new ArrayList<>()).add(figure);
    }
    StringBuilder out = new StringBuilder();
    bySetting.forEach((setting, rows) -> table(out, setting, rows, baseline));
    return out.toString();
  }

  private static void table(StringBuilder out, String setting, List<Figure> rows, String baseline) {
    Figure reference =
        rows.stream()
            .filter(row -> row.contender().equals(baseline))
            .findFirst()
            .orElse(rows.getFirst());
    String against = "× " + reference.contender();
    out.append('\n').append(setting).append('\n');
    out.append(
        String.format(
            Locale.ROOT,
            "  %-22s %12s %22s %-8s %12s %10s%n",
            "contender",
            "figure",
            "lowest – highest",
            "unit",
            against,
            "heap B/op"));
    for (Figure row : rows) {
      out.append(
          String.format(
              Locale.ROOT,
              "  %-22s %12s %22s %-8s %12.2f %10s",
              row.contender(),
              number(row, row.score()),
              number(row, row.low()) + " – " + number(row, row.high()),
              isLong(row) ? "ms/op" : row.unit(),
              row.timesBetterThan(reference),
              heap(row)));
      row.extra()
          .forEach(
              (name, value) -> out.append(String.format(Locale.ROOT, "  %s %,.0f", name, value)));
      out.append('\n');
    }
  }

  /** Whether a result in ns is shown in ms. */
  private static boolean isLong(Figure row) {
    return row.unit().equals("ns/op") && row.score() >= NANOS_PER_MILLI;
  }

  private static String number(Figure row, double value) {
    double shown = isLong(row) ? value / NANOS_PER_MILLI : value;
    return String.format(Locale.ROOT, shown >= WHOLE_FROM ? "%,.0f" : "%.4g", shown);
  }

  private static String heap(Figure row) {
    return Double.isNaN(row.heapBytesPerOp())
        ? "-"
        : String.format(Locale.ROOT, "%.1f", row.heapBytesPerOp());
  }
}
