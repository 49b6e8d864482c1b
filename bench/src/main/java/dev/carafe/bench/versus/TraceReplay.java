package dev.carafe.bench.versus;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A trace to replay.
 *
 * @param workload the name in results
 * @param source a file of bench/traces, or the name of a synthetic workload
 * @param requests the maximum number of requests
 * @param scale a factor for the value sizes
 * @param percents the memory sizes in percent of the unique bytes
 * @param withFiles whether contenders with a file take part
 */
record TraceReplay(
    String workload,
    String source,
    long requests,
    double scale,
    String percents,
    boolean withFiles) {

  static List<TraceReplay> of(Scale scale) {
    return scale == Scale.QUICK
        ? List.of(
            new TraceReplay("meta_cdn", "meta_cdn_pieces.csv.gz", 20_000, 0.25, "5,25", true),
            new TraceReplay("orm_busy", "orm_busy.csv.gz", 400_000, 1, "5,25", false),
            new TraceReplay(
                "synthetic meta kvcache_reg", "meta:kvcache_reg", 300_000, 1, "10", false))
        : List.of(
            new TraceReplay("clickbench", "clickbench_q00_q22.csv.gz", 400_000, 0.125, "10", true),
            new TraceReplay("meta_cdn", "meta_cdn_pieces.csv.gz", 20_000, 0.5, "5,25", true),
            new TraceReplay("orm_busy", "orm_busy.csv.gz", 1_000_000, 1, "5,25", false),
            new TraceReplay(
                "synthetic meta kvcache_reg", "meta:kvcache_reg", 600_000, 1, "10", false),
            new TraceReplay(
                "synthetic meta kvcache_l2_reg", "meta:kvcache_l2_reg", 60_000, 1, "10", true),
            new TraceReplay("synthetic twitter 29", "twitter:29", 600_000, 1, "10", false));
  }

  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (source.contains(":")) {
      fields.put("synthetic", SyntheticWorkload.of(source));
      fields.put("keyCount", source.contains("l2") ? 20_000L : requests / 10);
    } else {
      fields.put("trace", source);
      fields.put("scale", scale);
      fields.put("sizes", source.startsWith("orm") ? "kvcache_reg" : "4096");
    }
    fields.put("requests", requests);
    fields.put("percents", percents);
    return fields;
  }

  double expectedSeconds() {
    return percents.split(",").length * (requests / 400_000.0 + 0.7);
  }
}
