package dev.carafe.bench.fork;

import dev.carafe.bench.KeyOnlySizes;
import dev.carafe.bench.Trace;
import dev.carafe.bench.Zipf;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Synthetic requests drawn from published distributions of production workloads. A workload of a
 * CacheLib configuration has sizes, popularity and operation mix. A workload of a Twemcache cluster
 * has mean size, Zipf exponent and operation mix. The number of keys is lower than in production.
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

  /**
   * Draws a trace.
   *
   * @param workload an object of a resource file of this package, which the parent process reads
   */
  static Trace of(Map<?, ?> workload, int requests, int keyCount) {
    return workload.containsKey("popularity")
        ? meta(workload, requests, keyCount)
        : twitter(workload, requests, keyCount);
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
  private record Shares(double set, double delete, double once) {}

  private static Trace meta(Map<?, ?> workload, int requests, int keyCount) {
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

  private static Trace twitter(Map<?, ?> cluster, int requests, int keyCount) {
    Map<?, ?> ops = member(cluster, "ops");
    Zipf zipf = new Zipf(keyCount, number(cluster, "zipf_alpha"));
    int[] drawn = zipf.keys(requests, SEED + (long) number(cluster, "cluster"));
    int mean = (int) Math.max(Stamp.MIN_BYTES, number(cluster, "value_size_mean"));
    double writes = number(ops, "set") + number(ops, "add") + number(ops, "cas");
    double once = number(cluster, "one_hit_wonder_pct") / 100 / 10;
    return draw(
        requests,
        keyCount,
        new Shares(writes, number(ops, "delete"), once),
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

  private static Trace draw(int requests, int keyCount, Shares shares, Source source) {
    SplittableRandom random = new SplittableRandom(SEED);
    byte[] ops = new byte[requests];
    int[] keys = new int[requests];
    int[] sizes = new int[requests];
    int next = keyCount;
    for (int i = 0; i < requests; i++) {
      double u = random.nextDouble();
      boolean once = random.nextDouble() < shares.once();
      keys[i] = once ? next++ : source.popularKey(random);
      sizes[i] = source.size(keys[i]);
      ops[i] =
          u < shares.set() ? Trace.SET : u < shares.set() + shares.delete() ? Trace.DEL : Trace.GET;
    }
    return Trace.of(next, ops, keys, sizes);
  }
}
