package dev.carafe.bench;

import dev.carafe.MemoryUsage;
import dev.carafe.MissRatioCurve;
import java.util.List;
import java.util.Locale;

/** Formats the result of a replay as text. */
final class ReplayTable {
  private final ReplayResult result;

  private ReplayTable(ReplayResult result) {
    this.result = result;
  }

  static String of(ReplayResult result) {
    return new ReplayTable(result).table();
  }

  private String table() {
    StringBuilder out = new StringBuilder();
    line(out, "%s", result.setup().describe());
    line(
        out,
        "  %,d requests, %,d keys, %s unique; memory %s, file %s",
        result.trace().requests(),
        result.trace().keyCount(),
        ByteSize.format(result.trace().uniqueBytes()),
        ByteSize.format(result.setup().memoryBytes()),
        ByteSize.format(result.setup().fileBytes()));
    line(out, "  device %s", result.traffic().health().device());
    if (!result.traffic().health().deviceReason().isEmpty()) {
      line(out, "    %s", result.traffic().health().deviceReason());
    }
    hitTable(out);
    curveTable(out);
    latencyTable(out);
    costTable(out);
    survivalTable(out);
    return out.toString();
  }

  private void hitTable(StringBuilder out) {
    double memory = result.percent(result.memoryHits());
    double plain = result.percent(result.plainHits());
    double infinite = result.percent(result.trace().infiniteHits());
    line(out, "hits");
    line(
        out,
        "  memory            %6.2f %%   plain Caffeine %6.2f %%, difference %+.2f",
        memory,
        plain,
        memory - plain);
    line(out, "  file              %6.2f %%", result.percent(result.fileHits()));
    line(
        out,
        "  memory + file     %6.2f %%   infinite cache %6.2f %%, difference %+.2f",
        result.percent(result.hits()),
        infinite,
        result.percent(result.hits()) - infinite);
    line(
        out,
        "  bytes             %6.2f %%",
        100.0
            * result.traffic().counts().hitBytes
            / Math.max(1, result.traffic().counts().getBytes));
    line(
        out,
        "  verified %,d, wrong %,d",
        result.traffic().counts().verified,
        result.traffic().counts().wrong);
    MemoryUsage used = result.traffic().usage();
    line(
        out,
        "  memory holds %.1f %% of its budget in values; chunk rounding costs %.1f %%",
        100.0 * used.valueBytes() / used.budgetBytes(),
        100.0 * (used.chunkBytes() - used.valueBytes()) / used.budgetBytes());
  }

  private void curveTable(StringBuilder out) {
    MissRatioCurve curve = result.traffic().tiers().missRatioCurve();
    if (curve != null) {
      line(out, "hits with other sizes, estimated   half   the same     twice  4 times");
      points(out, "memory", curve.memory());
      points(out, "memory + file", curve.file());
    }
  }

  private static void points(StringBuilder out, String label, List<MissRatioCurve.Point> points) {
    StringBuilder row = new StringBuilder();
    for (MissRatioCurve.Point point : points) {
      row.append(String.format(Locale.ROOT, "%8.2f %%", 100 * point.hitRatio()));
    }
    line(out, "  %-26s%s", label, row);
  }

  private void latencyTable(StringBuilder out) {
    line(out, "latency (µs)           p50       p99     p99.9       max     count");
    result
        .traffic()
        .counts()
        .latencies
        .forEach((outcome, histogram) -> {
          if (histogram.getTotalCount() > 0) {
            line(
                out,
                "  %-14s %9.1f %9.1f %9.1f %9.1f %9d",
                outcome.label(),
                ReplayResult.micros(histogram, 50),
                ReplayResult.micros(histogram, 99),
                ReplayResult.micros(histogram, 99.9),
                histogram.getMaxValue() / 1e3,
                histogram.getTotalCount());
          }
        });
    line(
        out,
        "  %,.0f requests/s, including generating and verifying values; %.1f s",
        result.trace().requests() / result.traffic().seconds(),
        result.traffic().seconds());
  }

  private void costTable(StringBuilder out) {
    line(out, "cost");
    line(
        out,
        "  written %s, read %s",
        ByteSize.format(result.traffic().tiers().file().bytesWritten()),
        ByteSize.format(result.traffic().tiers().file().bytesRead()));
    line(
        out,
        "  heap %s after a collection, including the trace; GC pauses %d ms, longest %d ms",
        ByteSize.format(result.heap().usedBytes()),
        result.heap().gcMillis(),
        result.heap().longestGcMillis());
  }

  private void survivalTable(StringBuilder out) {
    line(out, "restart");
    line(
        out,
        "  %,d entries when closed, %,d when reopened; open in %.0f ms, first hit after %.0f ms",
        result.traffic().entriesAtClose(),
        result.reopening().entries(),
        result.reopening().millisToOpen(),
        result.reopening().millisToFirstHit());
    line(
        out,
        "  last %,d requests again: %,d hits, all verified: %s",
        result.reopening().tail().gets,
        result.reopening().tail().verified + result.reopening().tail().wrong,
        result.reopening().tail().wrong == 0
            ? "yes"
            : "NO, " + result.reopening().tail().wrong + " wrong");
  }

  private static void line(StringBuilder out, String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
