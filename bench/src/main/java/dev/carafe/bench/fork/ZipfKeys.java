package dev.carafe.bench.fork;

import java.util.SplittableRandom;

/**
 * Keys 0..n-1 with a Zipf distribution, after Gray and others, "Quickly generating billion-record
 * synthetic databases" (1994). A multiplication by a coprime stride spreads the ranks over the
 * keys, so that popular keys are not adjacent.
 */
final class ZipfKeys {
  private final long keys;
  private final double theta;
  private final double alpha;
  private final double zeta;
  private final double eta;
  private final long stride;

  ZipfKeys(long keys, double theta) {
    this.keys = keys;
    this.theta = theta;
    this.alpha = 1 / (1 - theta);
    double sum = 0;
    for (long rank = 1; rank <= keys; rank++) {
      sum += Math.pow((double) rank, -theta);
    }
    this.zeta = sum;
    this.eta = (1 - Math.pow(2.0 / keys, 1 - theta)) / (1 - (1 + Math.pow(2, -theta)) / zeta);
    this.stride = coprime(keys);
  }

  private static long coprime(long keys) {
    long candidate = (long) (keys * 0.6180339887) | 1;
    while (gcd(candidate, keys) != 1) {
      candidate += 2;
    }
    return candidate;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  private long rank(SplittableRandom random) {
    double u = random.nextDouble();
    double scaled = u * zeta;
    if (scaled < 1) {
      return 0;
    }
    if (scaled < 1 + Math.pow(0.5, theta)) {
      return Math.min(1, keys - 1);
    }
    return Math.min(keys - 1, (long) (keys * Math.pow(eta * u - eta + 1, alpha)));
  }

  /** Draws a sequence of {@code length} keys. */
  int[] sequence(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] sequence = new int[length];
    for (int i = 0; i < length; i++) {
      sequence[i] = (int) (rank(random) * stride % keys);
    }
    return sequence;
  }
}
