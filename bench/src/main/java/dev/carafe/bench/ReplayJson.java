package dev.carafe.bench;

import dev.carafe.MissRatioCurve;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Formats the result of a replay as JSON. */
final class ReplayJson {
  private final ReplayResult result;

  private ReplayJson(ReplayResult result) {
    this.result = result;
  }

  static Map<String, Object> of(ReplayResult result) {
    return new ReplayJson(result).json();
  }

  private Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("trace", result.setup().trace());
    json.put("scale", result.setup().scale());
    json.put("threads", result.setup().threads());
    json.put("memoryBudgetBytes", result.setup().memoryBytes());
    json.put("fileBudgetBytes", result.setup().fileBytes());
    json.put("uniqueBytes", result.trace().uniqueBytes());
    json.put("requests", result.trace().requests());
    json.put("hits", ordered("memory", result.memoryHits(), "file", result.fileHits()));
    json.put("misses", result.traffic().counts().loads);
    json.put("hitRatio", result.hits() / (double) Math.max(1, result.traffic().counts().gets));
    json.put(
        "memoryHitRatio",
        result.memoryHits() / (double) Math.max(1, result.traffic().counts().gets));
    json.put(
        "byteHitRatio",
        result.traffic().counts().hitBytes
            / (double) Math.max(1, result.traffic().counts().getBytes));
    json.put(
        "infiniteHitRatio",
        result.trace().infiniteHits() / (double) Math.max(1, result.traffic().counts().gets));
    json.put(
        "plainCaffeineHitRatio",
        result.plainHits() / (double) Math.max(1, result.traffic().counts().gets));
    MissRatioCurve curve = result.traffic().tiers().missRatioCurve();
    if (curve != null) {
      json.put(
          "missRatioCurve",
          ordered("memory", points(curve.memory()), "file", points(curve.file())));
    }
    json.put("verified", result.traffic().counts().verified);
    json.put("wrong", result.wrong());
    json.put("seconds", result.traffic().seconds());
    json.put("opsPerSecond", result.trace().requests() / result.traffic().seconds());
    json.put("latencyMicros", latencies());
    json.put("bytesRead", result.traffic().tiers().file().bytesRead());
    json.put("bytesWritten", result.traffic().tiers().file().bytesWritten());
    json.put("valueBytes", result.traffic().usage().valueBytes());
    json.put("chunkBytes", result.traffic().usage().chunkBytes());
    json.put("heapBytes", result.heap().usedBytes());
    json.put("gcPauseMillis", result.heap().gcMillis());
    json.put("gcLongestPauseMillis", result.heap().longestGcMillis());
    json.put("reopen", reopen());
    json.put("device", result.traffic().health().device());
    json.put("deviceReason", result.traffic().health().deviceReason());
    return json;
  }

  private static List<Map<String, Object>> points(List<MissRatioCurve.Point> points) {
    return points.stream()
        .map(point -> ordered("bytes", point.bytes(), "hitRatio", point.hitRatio()))
        .toList();
  }

  private Map<String, Object> reopen() {
    Map<String, Object> reopen = new LinkedHashMap<>();
    reopen.put("entriesAtClose", result.traffic().entriesAtClose());
    reopen.put("entries", result.reopening().entries());
    reopen.put("millisToOpen", result.reopening().millisToOpen());
    reopen.put("millisToFirstHit", result.reopening().millisToFirstHit());
    reopen.put("requests", result.reopening().tail().gets);
    reopen.put("hits", result.reopening().tail().verified + result.reopening().tail().wrong);
    reopen.put("wrong", result.reopening().tail().wrong);
    return reopen;
  }

  private Map<String, Object> latencies() {
    Map<String, Object> latencies = new LinkedHashMap<>();
    result
        .traffic()
        .counts()
        .latencies
        .forEach((outcome, histogram) -> {
          if (histogram.getTotalCount() > 0) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("p50", ReplayResult.micros(histogram, 50));
            row.put("p99", ReplayResult.micros(histogram, 99));
            row.put("p999", ReplayResult.micros(histogram, 99.9));
            row.put("max", histogram.getMaxValue() / 1e3);
            row.put("count", histogram.getTotalCount());
            latencies.put(outcome.label(), row);
          }
        });
    return latencies;
  }

  private static Map<String, Object> ordered(
      String first, Object one, String second, Object other) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(first, one);
    map.put(second, other);
    return map;
  }
}
