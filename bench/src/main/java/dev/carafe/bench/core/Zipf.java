package dev.carafe.bench.core;

import java.util.SplittableRandom;

/**
 * Draws ranks from an exact Zipf distribution by rejection-inversion (Hörmann and Derflinger,
 * 1996), without a table.
 */
final class Zipf {
  private final int count;
  private final double skew;
  private final double integralOfOne;
  private final double integralOfAll;
  private final double shift;

  Zipf(int count, double skew) {
    this.count = count;
    this.skew = skew;
    this.integralOfOne = integral(1.5) - 1;
    this.integralOfAll = integral(count + 0.5);
    this.shift = 2 - inverse(integral(2.5) - density(2));
  }

  /** Returns a rank from 0, the most frequent, to count - 1. */
  int next(SplittableRandom random) {
    for (; ; ) {
      double at = integralOfAll + random.nextDouble() * (integralOfOne - integralOfAll);
      double x = inverse(at);
      int rank = Math.clamp(Math.round(x), 1, count);
      if (rank - x <= shift || at >= integral(rank + 0.5) - density(rank)) {
        return rank - 1;
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
