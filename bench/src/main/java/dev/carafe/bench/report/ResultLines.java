package dev.carafe.bench.report;

import dev.carafe.bench.ResultFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The lines of a result file by type.
 *
 * @param runs the run lines
 * @param figures the figures lines
 * @param failures the failed lines
 */
record ResultLines(
    List<Map<String, Object>> runs,
    List<Map<String, Object>> figures,
    List<Map<String, Object>> failures) {

  static ResultLines read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("result file " + file + " does not exist");
    }
    ResultLines lines = new ResultLines(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (Map<String, Object> line : new ResultFile(file).lines()) {
      switch (String.valueOf(line.get("type"))) {
        case "run" -> lines.runs().add(line);
        case "figures" -> lines.figures().add(line);
        case "failed" -> lines.failures().add(line);
        default -> {
          // done lines
        }
      }
    }
    if (lines.runs().isEmpty()) {
      throw new IllegalArgumentException(file + " has no run line");
    }
    return lines;
  }

  /**
   * Returns a number by the path of a field, such as counters.hits.memory; NaN if it is missing.
   */
  static double number(Map<String, Object> line, String path) {
    Object value = line.get(path);
    int dot = path.indexOf('.');
    if (value == null && dot > 0 && line.get(path.substring(0, dot)) instanceof Map<?, ?> inner) {
      value = inner.get(path.substring(dot + 1));
    }
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  /** The charts of all metrics that the file has. */
  List<Chart> charts() {
    List<Chart> charts = new ArrayList<>();
    for (Metric metric : Metric.ALL) {
      Map<String, Map<String, Chart.Point>> byWorkload = new LinkedHashMap<>();
      for (Map<String, Object> line : figures) {
        double value = metric.filter().has(line) ? metric.value().applyAsDouble(line) : Double.NaN;
        if (Double.isFinite(value)) {
          String workload =
              metric.filter().allWorkloads() ? "all" : String.valueOf(line.get("workload"));
          String contender = String.valueOf(line.get("contender"));
          String x = metric.over().isEmpty() ? "" : plain(number(line, metric.over()));
          byWorkload
              .computeIfAbsent(workload, each -> new LinkedHashMap<>())
              .computeIfAbsent(
                  contender + " " + x, each -> new Chart.Point(contender, x, new ArrayList<>()))
              .values()
              .add(value);
        }
      }
      byWorkload.forEach(
          (workload, points) -> charts.add(chart(metric, workload, List.copyOf(points.values()))));
    }
    charts.addAll(percentileCurves());
    return charts;
  }

  /** A metric with one x value becomes a ranking, because one point per curve is not a curve. */
  private static Chart chart(Metric metric, String workload, List<Chart.Point> points) {
    Set<String> xValues = points.stream().map(Chart.Point::x).collect(Collectors.toSet());
    boolean isRanking = xValues.size() == 1;
    String title = metric.title();
    if (isRanking && !metric.over().isEmpty()) {
      title += at(metric.over(), points.getFirst().x());
    }
    return new Chart(
        slug(metric.filter().suite() + " " + workload + " " + metric.title()),
        metric.filter().suite(),
        workload,
        title,
        metric.unit(),
        metric.higherIsBetter(),
        isRanking ? "" : metric.over(),
        isRanking
            ? points.stream().map(p -> new Chart.Point(p.contender(), "", p.values())).toList()
            : points);
  }

  private static String at(String over, String x) {
    return switch (over) {
      case "memoryPercent" -> ", memory of " + x + " % of the data";
      case "rate" -> " of " + x + "/s";
      default -> ", " + x + " " + over;
    };
  }

  /** The charts of latency by percentile, one for each rate. */
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
                + "/s";
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
              "get latency at " + plain(number(line, "rate")) + " operations/s",
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
