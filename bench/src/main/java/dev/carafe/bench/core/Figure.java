package dev.carafe.bench.core;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.Statistics;

/**
 * The result of one contender in one setting.
 *
 * @param setting the parameters that the contenders of a table share
 * @param contender the contender
 * @param score the mean over iterations and forks
 * @param low the minimum
 * @param high the maximum
 * @param unit the unit of score, low and high
 * @param isTime whether lower is better
 * @param heapBytesPerOp bytes allocated on the Java heap per operation; NaN if not measured
 * @param extra additional results by name
 */
record Figure(
    String setting,
    String contender,
    double score,
    double low,
    double high,
    String unit,
    boolean isTime,
    double heapBytesPerOp,
    Map<String, Double> extra) {

  @SuppressWarnings("rawtypes") // as JMH declares its results
  static Figure of(RunResult result, String contenderParam) {
    BenchmarkParams params = result.getParams();
    String method = params.getBenchmark();
    StringBuilder setting = new StringBuilder(method.substring(method.lastIndexOf('.') + 1));
    for (String name : params.getParamsKeys()) {
      if (!name.equals(contenderParam)) {
        setting.append(", ").append(name).append(' ').append(params.getParam(name));
      }
    }
    setting.append(", ").append(params.getThreads()).append(" thread(s)");
    var primary = result.getPrimaryResult();
    Statistics all = primary.getStatistics();
    double heap = Double.NaN;
    Map<String, Double> extra = new TreeMap<>();
    for (var second : result.getSecondaryResults().entrySet()) {
      if (second.getKey().endsWith("gc.alloc.rate.norm")) {
        heap = second.getValue().getScore();
      } else if (!second.getKey().contains("gc.")) {
        extra.put(second.getKey(), second.getValue().getStatistics().getMax());
      }
    }
    return new Figure(
        setting.toString(),
        params.getParam(contenderParam),
        primary.getScore(),
        all.getMin(),
        all.getMax(),
        primary.getScoreUnit(),
        primary.getScoreUnit().endsWith("/op"),
        heap,
        extra);
  }

  /** The ratio to another result; above 1 if this one is better. */
  double timesBetterThan(Figure other) {
    return isTime ? other.score / score : score / other.score;
  }

  Map<String, Object> json() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("setting", setting);
    map.put("contender", contender);
    map.put("score", score);
    map.put("low", low);
    map.put("high", high);
    map.put("unit", unit);
    map.put("heapBytesPerOp", heapBytesPerOp);
    map.putAll(extra);
    return map;
  }
}
