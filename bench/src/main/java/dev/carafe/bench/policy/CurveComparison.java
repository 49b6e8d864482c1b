package dev.carafe.bench.policy;

import dev.carafe.bench.Trace;
import dev.carafe.tier.ReuseDistances;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Hit ratios of a trace with several sizes, by replays and by samples of its keys. As in the
 * engine, one sample measures distances up to four times the memory, and a second one all others.
 *
 * @param requests the requests of the trace
 * @param keys the keys of the trace
 * @param sampledKeys the keys of the first samples at the end of the trace
 * @param sizes the sizes
 */
record CurveComparison(int requests, int keys, List<Integer> sampledKeys, List<Size> sizes) {
  private static final double PERCENT = 100;
  private static final int LARGEST_FACTOR = 4;

  /** The two samples that one hash selects. */
  private record Samples(ReuseDistances near, long nearBytes, ReuseDistances far) {
    double estimate(long bytes, long reads) {
      ReuseDistances sample = bytes <= nearBytes ? near : far;
      return PERCENT * sample.hits(bytes, reads) / Math.max(1, reads);
    }
  }

  /**
   * One size.
   *
   * @param replayed the hit ratio of a replay in percent
   * @param estimated the estimate of the first sample in percent
   * @param worst the largest difference of a sample to the replay in points
   */
  record Size(double replayed, double estimated, double worst) {}

  static CurveComparison of(Trace trace, double memoryPercent, List<Double> percents, int samples) {
    long gets = 0;
    for (int request = 0; request < trace.requests(); request++) {
      gets += trace.op(request) == Trace.GET ? 1 : 0;
    }
    long reads = gets;
    long nearBytes = (long) (LARGEST_FACTOR * memoryPercent / PERCENT * trace.uniqueBytes());
    List<Samples> sampled =
        IntStream.range(0, samples)
            .mapToObj(number -> {
              int[] hashes = hashes(trace.keyCount(), number);
              return new Samples(
                  sample(trace, hashes, nearBytes),
                  nearBytes,
                  sample(trace, hashes, 2 * trace.uniqueBytes()));
            })
            .toList();
    List<Size> sizes =
        percents.stream().map(percent -> size(trace, percent, sampled, reads)).toList();
    Samples first = sampled.getFirst();
    return new CurveComparison(
        trace.requests(),
        trace.keyCount(),
        List.of(first.near.keyCount(), first.far.keyCount()),
        sizes);
  }

  private static Size size(Trace trace, double percent, List<Samples> samples, long reads) {
    long bytes = (long) (trace.uniqueBytes() * percent / PERCENT);
    double replayed = PERCENT * PolicyKind.LRU.simulate(trace, bytes, 0).hitRatio();
    double worst = 0;
    for (Samples sample : samples) {
      worst = Math.max(worst, Math.abs(sample.estimate(bytes, reads) - replayed));
    }
    return new Size(replayed, samples.getFirst().estimate(bytes, reads), worst);
  }

  private static int[] hashes(int keyCount, int number) {
    int[] hashes = new int[keyCount];
    for (int key = 0; key < keyCount; key++) {
      hashes[key] = (int) (CarafeMemory.hash(key + number * 0x0100_0000) >>> Integer.SIZE);
    }
    return hashes;
  }

  private static ReuseDistances sample(Trace trace, int[] hashes, long maxDistanceBytes) {
    ReuseDistances distances = new ReuseDistances(maxDistanceBytes);
    for (int request = 0; request < trace.requests(); request++) {
      int hash = hashes[trace.keyId(request)];
      if ((hash & distances.mask()) == 0) {
        int bytes = Math.max(1, trace.size(request));
        switch (trace.op(request)) {
          case Trace.GET -> distances.readOrPut(hash, bytes);
          case Trace.SET -> distances.write(hash, bytes);
          default -> distances.remove(hash);
        }
      }
    }
    return distances;
  }

  double worst() {
    return sizes.stream().mapToDouble(Size::worst).max().orElse(0);
  }

  static String heading(List<Double> percents) {
    StringBuilder line = new StringBuilder(" ".repeat(24));
    for (double percent : percents) {
      line.append(String.format(Locale.ROOT, "%7s %%", number(percent)));
    }
    return line.append('\n').toString();
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  String table(String name) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%n%s: %,d requests, %,d keys, %,d and %,d in the samples%n",
            name,
            requests,
            keys,
            sampledKeys.getFirst(),
            sampledKeys.getLast()));
    row(text, "replay", sizes.stream().map(Size::replayed).toList());
    row(text, "sample", sizes.stream().map(Size::estimated).toList());
    row(text, "largest difference", sizes.stream().map(Size::worst).toList());
    return text.toString();
  }

  private static void row(StringBuilder text, String label, List<Double> values) {
    text.append(String.format(Locale.ROOT, "  %-22s", label));
    for (double value : values) {
      text.append(String.format(Locale.ROOT, "%9.2f", value));
    }
    text.append('\n');
  }
}
