package dev.carafe.bench;

import java.util.SplittableRandom;

/**
 * Draws keys from an exact Zipf distribution by rejection-inversion (Hörmann and Derflinger, 1996),
 * without a table. A multiplication by a coprime stride spreads the ranks over the keys, so that
 * popular keys are not adjacent.
 */
public final class Zipf {
  private static final double GOLDEN_RATIO = 0.6180339887;

  private final int count;
  private final double skew;
  private final double integralOfOne;
  private final double integralOfAll;
  private final double shift;
  private final long stride;

  /**
   * Creates a distribution.
   *
   * @param count the number of keys
   * @param skew the exponent, greater than 0
   */
  public Zipf(int count, double skew) {
    this.count = count;
    this.skew = skew;
    this.integralOfOne = integral(1.5) - 1;
    this.integralOfAll = integral(count + 0.5);
    this.shift = 2 - inverse(integral(2.5) - density(2));
    this.stride = coprime(count);
  }

  private static long coprime(long count) {
    long candidate = (long) (count * GOLDEN_RATIO) | 1;
    while (gcd(candidate, count) != 1) {
      candidate += 2;
    }
    return candidate;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /**
   * Draws a sequence of keys.
   *
   * @param length the length of the sequence
   * @param seed equal seeds give equal sequences
   * @return keys from 0 to count - 1
   */
  public int[] keys(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] keys = new int[length];
    for (int i = 0; i < length; i++) {
      keys[i] = (int) (rank(random) * stride % count);
    }
    return keys;
  }

  /** Returns a rank from 0, the most frequent, to count - 1. */
  private long rank(SplittableRandom random) {
    for (; ; ) {
      double at = integralOfAll + random.nextDouble() * (integralOfOne - integralOfAll);
      double x = inverse(at);
      int rank = Math.clamp(Math.round(x), 1, count);
      if (rank - x <= shift || at >= integral(rank + 0.5) - density(rank)) {
        return rank - 1L;
      }
    }
  }

  private double density(double x) {
    return Math.exp(-skew * Math.log(x));
  }

  private double integral(double x) {
    double log = Math.log(x);
    double t = (1 - skew) * log;
    return Math.abs(t) > 1e-8 ? Math.expm1(t) / (1 - skew) : log;
  }

  private double inverse(double x) {
    double t = Math.max(-1, x * (1 - skew));
    return Math.exp(Math.abs(t) > 1e-8 ? Math.log1p(t) / (1 - skew) : x);
  }
}
