package dev.carafe.bench.report;

import java.math.BigDecimal;
import java.math.MathContext;
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

  /** Formats the mean. A value of one fork gets two digits and the mark ≈. */
  static String mean(Chart.Point point) {
    return point.values().size() < 2 && Double.isFinite(point.mean())
        ? "≈ " + rounded(point.mean())
        : format(point.mean());
  }

  /** Formats a number with two significant digits. */
  static String rounded(double value) {
    if (!Double.isFinite(value)) {
      return format(value);
    }
    double size = Math.abs(value);
    double unit = size >= 1e9 ? 1e9 : size >= 1e6 ? 1e6 : 1;
    String suffix = unit == 1e9 ? " G" : unit == 1e6 ? " M" : "";
    BigDecimal digits = new BigDecimal(value / unit).round(new MathContext(2));
    String form = "%,." + Math.max(0, digits.scale()) + "f";
    return String.format(Locale.ROOT, form, digits) + suffix;
  }

  /** Formats the mean and the spread over forks. */
  static String format(Chart.Point point) {
    return point.values().size() < 2
        ? mean(point)
        : mean(point) + " (" + format(point.low()) + "…" + format(point.high()) + ")";
  }
}
