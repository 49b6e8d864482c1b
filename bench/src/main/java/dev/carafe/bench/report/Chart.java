package dev.carafe.bench.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A chart and its table: one metric of several contenders, as a ranking or over an x axis.
 *
 * @param id the element id in the page, and the name of the SVG file
 * @param suite the suite
 * @param workload the workload, or "all"
 * @param title the name of the metric
 * @param unit the unit of the metric
 * @param higherIsBetter whether higher values are better
 * @param over the name of the x axis, empty for a ranking
 * @param points the values
 */
record Chart(
    String id,
    String suite,
    String workload,
    String title,
    String unit,
    boolean higherIsBetter,
    String over,
    List<Point> points) {

  /**
   * The values of one contender at one x value.
   *
   * @param contender the contender
   * @param x the x value, empty in a ranking
   * @param values one value per fork
   */
  record Point(String contender, String x, List<Double> values) {
    double mean() {
      return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    double low() {
      return values.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
    }

    double high() {
      return values.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
    }
  }

  boolean isRanking() {
    return over.isEmpty();
  }

  /** The points, best first. */
  List<Point> ranked() {
    Comparator<Point> byMean = Comparator.comparingDouble(Point::mean);
    return points.stream().sorted(higherIsBetter ? byMean.reversed() : byMean).toList();
  }

  /** The values of the x axis in order: numbers first, then names. */
  List<String> xValues() {
    Map<Double, String> sorted = new TreeMap<>();
    List<String> named = new ArrayList<>();
    for (Point point : points) {
      try {
        sorted.put(Double.parseDouble(point.x()), point.x());
      } catch (NumberFormatException e) {
        if (!named.contains(point.x())) {
          named.add(point.x());
        }
      }
    }
    List<String> values = new ArrayList<>(sorted.values());
    values.addAll(named);
    return values;
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", id);
    json.put("suite", suite);
    json.put("workload", workload);
    json.put("title", title);
    json.put("description", Workloads.describe(workload));
    json.put("unit", unit);
    json.put("higherIsBetter", higherIsBetter);
    json.put("over", over);
    json.put("places", xValues());
    List<Object> written = new ArrayList<>();
    for (Point point : isRanking() ? ranked() : points) {
      Map<String, Object> each = new LinkedHashMap<>();
      each.put("contender", point.contender());
      each.put("x", point.x());
      each.put("mean", point.mean());
      each.put("low", point.low());
      each.put("high", point.high());
      each.put("forks", point.values().size());
      written.add(each);
    }
    json.put("points", written);
    return json;
  }
}
