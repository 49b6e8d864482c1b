package dev.carafe.bench.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One picture, and one table: a figure of some contenders, over something or not.
 *
 * @param id its name in a page, and of its file
 * @param suite the suite it belongs to
 * @param workload the workload, or "all"
 * @param title what it shows
 * @param unit the figure's unit
 * @param higherIsBetter whether more is better
 * @param over what the x axis is, empty for a ranking
 * @param points the figures
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
   * A figure with its spread over forks.
   *
   * @param contender whose
   * @param x where on the x axis, empty in a ranking
   * @param values one a fork
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

  /** Best first. */
  List<Point> ranked() {
    Comparator<Point> byMean = Comparator.comparingDouble(Point::mean);
    return points.stream().sorted(higherIsBetter ? byMean.reversed() : byMean).toList();
  }

  /** The places on the x axis, in order. */
  List<String> places() {
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
    List<String> places = new ArrayList<>(sorted.values());
    places.addAll(named);
    return places;
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", id);
    json.put("suite", suite);
    json.put("workload", workload);
    json.put("title", title);
    json.put("unit", unit);
    json.put("higherIsBetter", higherIsBetter);
    json.put("over", over);
    json.put("places", places());
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
