package dev.carafe.bench.near;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The results of one process of a contender.
 *
 * @param contender the contender
 * @param round the round
 * @param process the number of the process
 * @param phases the results of each phase, by its name
 */
record NearFigures(
    String contender, int round, int process, Map<String, Map<String, Object>> phases) {
  /** The share of its former ratio that a reopened near cache is to have at once. */
  static final double TARGET = 0.95;

  double real(String phase, String name) {
    return phase(phase).get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  /** Returns a percentile of reads in microseconds. */
  double micros(String phase, String name, String percentile) {
    return phase(phase).get(name) instanceof Map<?, ?> all
            && all.get(percentile) instanceof Number number
        ? number.doubleValue()
        : Double.NaN;
  }

  /** Returns a counter of the last phases before and after the restart. */
  long count(String name) {
    long sum = 0;
    for (String phase : List.of("compared", "comparedAgain")) {
      sum += phase(phase).get(name) instanceof Number number ? number.longValue() : 0;
    }
    return sum;
  }

  /** Returns the ratio of reads without a round trip, before the restart. */
  double nearRatio() {
    return real("steady", "nearRatio");
  }

  /** Returns the ratio of reads without a round trip in the first hundredth after the restart. */
  double earlyNearRatio() {
    return ratios("nearRatios").getFirst();
  }

  /**
   * Returns the ratio of reads in the first hundredth after the restart that were answered by
   * values of the near cache, with or without a confirmation of the server.
   */
  double earlyKeptRatio() {
    return earlyNearRatio() + ratios("confirmedRatios").getFirst();
  }

  /** Returns {@link #earlyKeptRatio} as a share of the former ratio. */
  double keptShare() {
    return earlyKeptRatio() / nearRatio();
  }

  /**
   * Returns after which hundredth of the requests the ratio of reads without a round trip has
   * reached {@link #TARGET} of the former one; infinite if it has not.
   */
  double hundredthsUntilTarget() {
    List<Double> ratios = ratios("nearRatios");
    for (int i = 0; i < ratios.size(); i++) {
      if (ratios.get(i) >= TARGET * nearRatio()) {
        return i + 1;
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  private List<Double> ratios(String name) {
    return phase("reopened").get(name) instanceof List<?> list
        ? list.stream().map(each -> each instanceof Double ratio ? ratio : Double.NaN).toList()
        : List.of(Double.NaN);
  }

  private Map<String, Object> phase(String name) {
    return phases.getOrDefault(name, Map.of());
  }

  Map<String, Object> json() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("contender", contender);
    map.put("round", round);
    map.put("process", process);
    map.putAll(phases);
    return map;
  }
}
