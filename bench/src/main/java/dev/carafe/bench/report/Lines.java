package dev.carafe.bench.report;

import dev.carafe.bench.versus.ResultFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A result file, read and sorted.
 *
 * @param runs what each run said about its machine and contenders
 * @param figures what was measured
 * @param failures what could not be
 */
record Lines(
    List<Map<String, Object>> runs,
    List<Map<String, Object>> figures,
    List<Map<String, Object>> failures) {

  static Lines read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("there is no result file " + file);
    }
    Lines lines = new Lines(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (Map<String, Object> line : new ResultFile(file).lines()) {
      switch (String.valueOf(line.get("type"))) {
        case "run" -> lines.runs().add(line);
        case "figures" -> lines.figures().add(line);
        case "failed" -> lines.failures().add(line);
        default -> {
          // The ends of cells.
        }
      }
    }
    if (lines.runs().isEmpty()) {
      throw new IllegalArgumentException(file + " has no run in it");
    }
    return lines;
  }

  /** A number, by the name of a field or of a field within a field; NaN where there is none. */
  static double number(Map<String, Object> line, String path) {
    Object value = line.get(path);
    int dot = path.indexOf('.');
    if (value == null && dot > 0 && line.get(path.substring(0, dot)) instanceof Map<?, ?> inner) {
      value = inner.get(path.substring(dot + 1));
    }
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  /** The pictures that this file has figures for. */
  List<Chart> charts() {
    List<Chart> charts = new ArrayList<>();
    for (Measure measure : Measure.ALL) {
      Map<String, Map<String, Chart.Point>> byWorkload = new LinkedHashMap<>();
      for (Map<String, Object> line : figures) {
        double value = measure.where().has(line) ? measure.value().applyAsDouble(line) : Double.NaN;
        if (Double.isFinite(value)) {
          String workload =
              measure.where().together() ? "all" : String.valueOf(line.get("workload"));
          String contender = String.valueOf(line.get("contender"));
          String x = measure.over().isEmpty() ? "" : plain(number(line, measure.over()));
          byWorkload
              .computeIfAbsent(workload, each -> new LinkedHashMap<>())
              .computeIfAbsent(
                  contender + " " + x, each -> new Chart.Point(contender, x, new ArrayList<>()))
              .values()
              .add(value);
        }
      }
      byWorkload.forEach((workload, points) ->
          charts.add(
              new Chart(
                  slug(measure.where().suite() + " " + workload + " " + measure.title()),
                  measure.where().suite(),
                  workload,
                  measure.title(),
                  measure.unit(),
                  measure.higherIsBetter(),
                  measure.over(),
                  List.copyOf(points.values()))));
    }
    charts.addAll(percentileCurves());
    return charts;
  }

  /** Latency by percentile, at each rate. */
  private List<Chart> percentileCurves() {
    Map<String, List<Chart.Point>> curves = new LinkedHashMap<>();
    Map<String, Map<String, Object>> firstLines = new LinkedHashMap<>();
    List<Map<String, Object>> byRate = new ArrayList<>(figures);
    byRate.sort(Comparator.comparingDouble(line -> number(line, "rate")));
    for (Map<String, Object> line : byRate) {
      if ("rate".equals(line.get("phase")) && line.get("getMicros") instanceof Map<?, ?> micros) {
        String name =
            line.get("suite")
                + " "
                + line.get("workload")
                + " get latency at "
                + plain(number(line, "rate"))
                + " a second";
        firstLines.putIfAbsent(name, line);
        List<Chart.Point> curve = curves.computeIfAbsent(name, each -> new ArrayList<>());
        String contender = String.valueOf(line.get("contender"));
        micros.forEach((percentile, value) -> {
          if (!"mean".equals(percentile) && value instanceof Number number) {
            add(curve, contender, percentile(String.valueOf(percentile)), number.doubleValue());
          }
        });
      }
    }
    List<Chart> charts = new ArrayList<>();
    curves.forEach((name, points) -> {
      Map<String, Object> line = firstLines.getOrDefault(name, Map.of());
      charts.add(
          new Chart(
              slug(name),
              String.valueOf(line.get("suite")),
              String.valueOf(line.get("workload")),
              "get latency at " + plain(number(line, "rate")) + " operations a second",
              "µs",
              false,
              "percentile",
              points));
    });
    return charts;
  }

  private static String percentile(String field) {
    return switch (field) {
      case "p999" -> "p99.9";
      case "p9999" -> "p99.99";
      default -> field;
    };
  }

  private static void add(List<Chart.Point> points, String contender, String x, double value) {
    for (Chart.Point point : points) {
      if (point.contender().equals(contender) && point.x().equals(x)) {
        point.values().add(value);
        return;
      }
    }
    points.add(new Chart.Point(contender, x, new ArrayList<>(List.of(value))));
  }

  private static String plain(double number) {
    return number == Math.rint(number)
        ? String.valueOf((long) number)
        : String.format(Locale.ROOT, "%.2f", number);
  }

  private static String slug(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]+", "-").replaceAll("-$", "");
  }
}
