package dev.carafe.bench.report;

import java.util.Locale;

/** Formats numbers with three significant digits, and the spread over forks. */
final class Numbers {
  private Numbers() {}

  static String format(double value) {
    double size = Math.abs(value);
    if (!Double.isFinite(value)) {
      return "–";
    }
    if (size >= 1e9) {
      return String.format(Locale.ROOT, "%.2f G", value / 1e9);
    }
    if (size >= 1e6) {
      return String.format(Locale.ROOT, "%.2f M", value / 1e6);
    }
    if (size >= 10_000) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    if (size >= 100 || value == Math.rint(value)) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    return String.format(Locale.ROOT, size >= 10 ? "%.1f" : "%.2f", value);
  }

  static String format(Chart.Point point) {
    String mean = format(point.mean());
    return point.values().size() < 2
        ? mean
        : mean + " (" + format(point.low()) + "…" + format(point.high()) + ")";
  }
}
