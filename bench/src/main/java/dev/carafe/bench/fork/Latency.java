package dev.carafe.bench.fork;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Percentiles of histograms, in microseconds. */
final class Latency {
  private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};

  private Latency() {}

  /** Sums every second histogram from an index on and adds the percentiles to the results. */
  static void put(Figures figures, String name, List<Histogram> histograms, int from) {
    if (histograms.isEmpty()) {
      return;
    }
    Histogram all = new Histogram(histograms.getFirst());
    for (int i = from; i < histograms.size(); i += 2) {
      all.add(histograms.get(i));
    }
    if (all.getTotalCount() > 0) {
      figures.put(name + "Micros", percentiles(all));
    }
  }

  static Map<String, Object> percentiles(Histogram histogram) {
    Map<String, Object> micros = new LinkedHashMap<>();
    for (double percentile : PERCENTILES) {
      String name = "p" + String.valueOf(percentile).replace(".0", "").replace(".", "");
      micros.put(name, histogram.getValueAtPercentile(percentile) / 1e3);
    }
    micros.put("max", histogram.getMaxValue() / 1e3);
    micros.put("mean", histogram.getMean() / 1e3);
    return micros;
  }
}
