package dev.carafe.bench.fork;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.carafe.bench.JsonLine;
import dev.carafe.bench.KeyOnlySizes;
import dev.carafe.bench.Trace;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Synthetic requests drawn from published distributions of production workloads. {@code meta:NAME}
 * has the sizes, the popularity and the operation mix of a CacheLib configuration. {@code
 * twitter:N} has the mean size, the Zipf exponent and the operation mix of a Twemcache cluster. The
 * number of keys is lower than in production.
 */
final class SyntheticTrace {
  private static final int QUANTILES = 1024;
  private static final long SEED = 20_200_301;

  private SyntheticTrace() {}

  /** The distributions of keys and sizes. */
  private interface Source {
    int popularKey(SplittableRandom random);

    int size(int key);
  }

  static Trace of(String name, int requests, int keyCount) throws IOException {
    String[] parts = name.split(":", 2);
    return switch (parts[0]) {
      case "meta" -> meta(parts[1], requests, keyCount);
      case "twitter" -> twitter(Long.parseLong(parts[1]), requests, keyCount);
      default -> throw new IllegalArgumentException("unknown synthetic workload " + name);
    };
  }

  private static Map<String, Object> resource(String name) throws IOException {
    try (InputStream in = SyntheticTrace.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("resource " + name + " is missing from the class path");
      }
      return JsonLine.parse(new String(in.readAllBytes(), UTF_8));
    }
  }

  private static Map<?, ?> member(Map<?, ?> object, String name) {
    if (object.get(name) instanceof Map<?, ?> member) {
      return member;
    }
    throw new IllegalArgumentException(
        "unknown member " + name + ", expected one of " + object.keySet());
  }

  private static double number(Map<?, ?> object, String name) {
    return object.get(name) instanceof Number number ? number.doubleValue() : 0;
  }

  private static double[] numbers(Map<?, ?> object, String name) {
    return object.get(name) instanceof List<?> list
        ? list.stream().mapToDouble(each -> ((Number) each).doubleValue()).toArray()
        : new double[0];
  }

  /** The shares of sets, deletes and requests for keys that are used once. */
  private record Shares(double set, double delete, double lone) {}

  private static Trace meta(String name, int requests, int keyCount) throws IOException {
    Map<?, ?> workload =
        member(member(resource("meta_cachelib_workloads.json"), "workloads"), name);
    Map<?, ?> ops = member(workload, "ops");
    Map<?, ?> sizes = member(workload, "value_size");
    double[] quantiles = numbers(sizes, "quantiles_1024");
    double[] top = numbers(sizes, "quantiles_top_1024th");
    Map<?, ?> popularity = member(workload, "popularity");
    Buckets buckets =
        new Buckets(numbers(popularity, "buckets"), numbers(popularity, "weights"), keyCount);
    Shares shares =
        new Shares(
            number(ops, "setRatio"),
            number(ops, "delRatio"),
            number(ops, "loneGetRatio") + number(ops, "loneSetRatio"));
    return draw(
        requests,
        keyCount,
        shares,
        new Source() {
          @Override
          public int popularKey(SplittableRandom random) {
            return buckets.draw(random);
          }

          @Override
          public int size(int key) {
            long x = KeyOnlySizes.splitMix64(key);
            int quantile = (int) (x >>> 54);
            return (int)
                (quantile < QUANTILES - 1 || top.length == 0
                    ? quantiles[quantile]
                    : top[(int) ((x >>> 48) & (top.length - 1))]);
          }
        });
  }

  /** Draws a bucket by its weight, then a key of the bucket. */
  private static final class Buckets {
    private final double[] weightUpTo;
    private final double[] keysUpTo;
    private final int keyCount;

    Buckets(double[] keys, double[] weights, int keyCount) {
      this.weightUpTo = sums(weights);
      this.keysUpTo = sums(keys);
      this.keyCount = keyCount;
    }

    private static double[] sums(double[] values) {
      double[] sums = new double[values.length];
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        sum += values[i];
        sums[i] = sum;
      }
      return sums;
    }

    int draw(SplittableRandom random) {
      double u = random.nextDouble() * weightUpTo[weightUpTo.length - 1];
      int bucket = java.util.Arrays.binarySearch(weightUpTo, u);
      bucket = Math.min(weightUpTo.length - 1, bucket < 0 ? -bucket - 1 : bucket + 1);
      double from = bucket == 0 ? 0 : keysUpTo[bucket - 1];
      double rank = from + random.nextDouble() * (keysUpTo[bucket] - from);
      return (int) Math.min(keyCount - 1, rank * keyCount / keysUpTo[keysUpTo.length - 1]);
    }
  }

  private static Trace twitter(long cluster, int requests, int keyCount) throws IOException {
    Object clusters = resource("twitter_2020mar_clusters.json").get("clusters");
    for (Object each : clusters instanceof List<?> list ? list : List.of()) {
      if (each instanceof Map<?, ?> row && (long) number(row, "cluster") == cluster) {
        Map<?, ?> ops = member(row, "ops");
        ZipfKeys zipf = new ZipfKeys(keyCount, Math.min(0.999, number(row, "zipf_alpha")));
        int[] drawn = zipf.sequence(requests, SEED + cluster);
        int mean = (int) Math.max(Stamp.MIN_BYTES, number(row, "value_size_mean"));
        double writes = number(ops, "set") + number(ops, "add") + number(ops, "cas");
        Shares shares =
            new Shares(writes, number(ops, "delete"), number(row, "one_hit_wonder_pct") / 100 / 10);
        return draw(
            requests,
            keyCount,
            shares,
            new Source() {
              private int at;

              @Override
              public int popularKey(SplittableRandom random) {
                return drawn[at++];
              }

              @Override
              public int size(int key) {
                // uniform from 0.5 to 1.5 times the mean, because only the mean is published
                return mean / 2 + (int) ((KeyOnlySizes.splitMix64(key) >>> 1) % (mean + 1));
              }
            });
      }
    }
    throw new IllegalArgumentException("unknown cluster " + cluster);
  }

  private static Trace draw(int requests, int keyCount, Shares shares, Source source) {
    SplittableRandom random = new SplittableRandom(SEED);
    byte[] ops = new byte[requests];
    int[] keys = new int[requests];
    int[] sizes = new int[requests];
    int lone = keyCount;
    for (int i = 0; i < requests; i++) {
      double u = random.nextDouble();
      boolean once = random.nextDouble() < shares.lone();
      keys[i] = once ? lone++ : source.popularKey(random);
      sizes[i] = source.size(keys[i]);
      ops[i] =
          u < shares.set() ? Trace.SET : u < shares.set() + shares.delete() ? Trace.DEL : Trace.GET;
    }
    return Trace.of(lone, ops, keys, sizes);
  }
}
