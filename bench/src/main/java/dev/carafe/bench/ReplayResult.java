package dev.carafe.bench;

import dev.carafe.Carafe;
import dev.carafe.Health;
import dev.carafe.MemoryUsage;
import dev.carafe.TierStats;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What a replay showed, as a table and as JSON. */
final class ReplayResult {
  private static final int TAIL_REQUESTS = 50_000;
  private static final int TAIL_SHARE = 10;

  private final Trace trace;
  private final ReplayCommand.Setup setup;
  private Replay.Seen seen = new Replay.Seen();
  private double seconds;
  private @Nullable TierStats tiers;
  private @Nullable MemoryUsage usage;
  private @Nullable Health health;
  private long entriesAtClose;
  private long gcMillis;
  private long gcLongestMillis;
  private long heapBytes;
  private double millisToOpen;
  private double millisToFirstHit = -1;
  private long entriesReopened;
  private Replay.Seen tail = new Replay.Seen();
  private long plainHits;

  ReplayResult(Trace trace, ReplayCommand.Setup setup) {
    this.trace = trace;
    this.setup = setup;
  }

  void replayed(Replay.Seen all, long nanos, Carafe<String, byte[]> cache) {
    seen = all;
    seconds = nanos / 1e9;
    cache.cleanUp();
    tiers = cache.tierStats();
    usage = cache.memoryUsage();
    health = cache.health();
    entriesAtClose = cache.estimatedSize();
  }

  void collected(long totalMillis, long longestMillis, long heap) {
    gcMillis = totalMillis;
    gcLongestMillis = longestMillis;
    heapBytes = heap;
  }

  void reopened(long openNanos, Carafe<String, byte[]> cache) {
    millisToOpen = openNanos / 1e6;
    entriesReopened = cache.estimatedSize();
    long start = System.nanoTime();
    for (int i = trace.requests() - 1; i >= 0 && millisToFirstHit < 0; i--) {
      if (cache.getIfPresent(trace.key(trace.keyId(i))) != null) {
        millisToFirstHit = (openNanos + System.nanoTime() - start) / 1e6;
      }
    }
    tail = Replay.tail(trace, cache, Math.min(TAIL_REQUESTS, trace.requests() / TAIL_SHARE));
  }

  void compared(long hitsOfPlainCaffeine) {
    plainHits = hitsOfPlainCaffeine;
  }

  long wrong() {
    return seen.wrong + tail.wrong;
  }

  private TierStats tiers() {
    if (tiers == null) {
      throw new IllegalStateException("nothing was replayed");
    }
    return tiers;
  }

  private MemoryUsage usage() {
    if (usage == null) {
      throw new IllegalStateException("nothing was replayed");
    }
    return usage;
  }

  private Health health() {
    if (health == null) {
      throw new IllegalStateException("nothing was replayed");
    }
    return health;
  }

  private double percent(long part) {
    return 100.0 * part / Math.max(1, seen.gets);
  }

  private long hits() {
    return seen.gets - seen.loads;
  }

  private long fileHits() {
    return tiers().file().hits();
  }

  private long memoryHits() {
    return hits() - fileHits();
  }

  String table() {
    StringBuilder out = new StringBuilder();
    line(out, "%s", setup.words());
    line(
        out,
        "  %,d requests, %,d keys, %s unique; memory %s, file %s",
        trace.requests(),
        trace.keyCount(),
        ByteSize.words(trace.uniqueBytes()),
        ByteSize.words(setup.memoryBytes()),
        ByteSize.words(setup.fileBytes()));
    line(out, "  device %s", health().device());
    if (!health().deviceReason().isEmpty()) {
      line(out, "    %s", health().deviceReason());
    }
    hitTable(out);
    latencyTable(out);
    costTable(out);
    survivalTable(out);
    return out.toString();
  }

  private void hitTable(StringBuilder out) {
    double memory = percent(memoryHits());
    double plain = percent(plainHits);
    double infinite = percent(trace.infiniteHits());
    line(out, "hits");
    line(
        out,
        "  memory            %6.2f %%   plain Caffeine %6.2f %%, difference %+.2f",
        memory,
        plain,
        memory - plain);
    line(out, "  file              %6.2f %%", percent(fileHits()));
    line(
        out,
        "  memory + file     %6.2f %%   infinite cache %6.2f %%, difference %+.2f",
        percent(hits()),
        infinite,
        percent(hits()) - infinite);
    line(out, "  bytes             %6.2f %%", 100.0 * seen.hitBytes / Math.max(1, seen.getBytes));
    line(out, "  verified %,d, wrong %,d", seen.verified, seen.wrong);
    MemoryUsage used = usage();
    line(
        out,
        "  memory holds %.1f %% of its budget in values; chunk rounding costs %.1f %%",
        100.0 * used.valueBytes() / used.budgetBytes(),
        100.0 * (used.chunkBytes() - used.valueBytes()) / used.budgetBytes());
  }

  private void latencyTable(StringBuilder out) {
    line(out, "latency (µs)           p50       p99     p99.9       max     count");
    seen.latencies.forEach((outcome, histogram) -> {
      if (histogram.getTotalCount() > 0) {
        line(
            out,
            "  %-14s %9.1f %9.1f %9.1f %9.1f %9d",
            outcome.label(),
            micros(histogram, 50),
            micros(histogram, 99),
            micros(histogram, 99.9),
            histogram.getMaxValue() / 1e3,
            histogram.getTotalCount());
      }
    });
    line(
        out,
        "  %,.0f requests/s, with generating and checking values; %.1f s",
        trace.requests() / seconds,
        seconds);
  }

  private static double micros(Histogram histogram, double percentile) {
    return histogram.getValueAtPercentile(percentile) / 1e3;
  }

  private void costTable(StringBuilder out) {
    line(out, "cost");
    line(
        out,
        "  written %s, read %s",
        ByteSize.words(tiers().file().bytesWritten()),
        ByteSize.words(tiers().file().bytesRead()));
    line(
        out,
        "  heap %s after a collection (the trace included); GC pauses %d ms, longest %d ms",
        ByteSize.words(heapBytes),
        gcMillis,
        gcLongestMillis);
  }

  private void survivalTable(StringBuilder out) {
    line(out, "restart");
    line(
        out,
        "  %,d entries when closed, %,d when reopened; open in %.0f ms, first hit after %.0f ms",
        entriesAtClose,
        entriesReopened,
        millisToOpen,
        millisToFirstHit);
    line(
        out,
        "  tail of %,d requests: %,d hits, all verified: %s",
        tail.gets,
        tail.verified + tail.wrong,
        tail.wrong == 0 ? "yes" : "NO, " + tail.wrong + " wrong");
  }

  private static void line(StringBuilder out, String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("trace", setup.trace());
    json.put("scale", setup.scale());
    json.put("threads", setup.threads());
    json.put("memoryBudgetBytes", setup.memoryBytes());
    json.put("fileBudgetBytes", setup.fileBytes());
    json.put("uniqueBytes", trace.uniqueBytes());
    json.put("requests", trace.requests());
    json.put("hits", ordered("memory", memoryHits(), "file", fileHits()));
    json.put("misses", seen.loads);
    json.put("hitRatio", hits() / (double) Math.max(1, seen.gets));
    json.put("memoryHitRatio", memoryHits() / (double) Math.max(1, seen.gets));
    json.put("byteHitRatio", seen.hitBytes / (double) Math.max(1, seen.getBytes));
    json.put("infiniteHitRatio", trace.infiniteHits() / (double) Math.max(1, seen.gets));
    json.put("plainCaffeineHitRatio", plainHits / (double) Math.max(1, seen.gets));
    json.put("verified", seen.verified);
    json.put("wrong", wrong());
    json.put("seconds", seconds);
    json.put("opsPerSecond", trace.requests() / seconds);
    json.put("latencyMicros", latencies());
    json.put("bytesRead", tiers().file().bytesRead());
    json.put("bytesWritten", tiers().file().bytesWritten());
    json.put("valueBytes", usage().valueBytes());
    json.put("chunkBytes", usage().chunkBytes());
    json.put("heapBytes", heapBytes);
    json.put("gcPauseMillis", gcMillis);
    json.put("gcLongestPauseMillis", gcLongestMillis);
    json.put("reopen", reopen());
    json.put("device", health().device());
    json.put("deviceReason", health().deviceReason());
    return json;
  }

  private Map<String, Object> reopen() {
    Map<String, Object> reopen = new LinkedHashMap<>();
    reopen.put("entriesAtClose", entriesAtClose);
    reopen.put("entries", entriesReopened);
    reopen.put("millisToOpen", millisToOpen);
    reopen.put("millisToFirstHit", millisToFirstHit);
    reopen.put("requests", tail.gets);
    reopen.put("hits", tail.verified + tail.wrong);
    reopen.put("wrong", tail.wrong);
    return reopen;
  }

  private Map<String, Object> latencies() {
    Map<String, Object> latencies = new LinkedHashMap<>();
    seen.latencies.forEach((outcome, histogram) -> {
      if (histogram.getTotalCount() > 0) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("p50", micros(histogram, 50));
        row.put("p99", micros(histogram, 99));
        row.put("p999", micros(histogram, 99.9));
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
