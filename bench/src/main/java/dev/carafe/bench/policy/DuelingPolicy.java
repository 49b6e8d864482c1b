package dev.carafe.bench.policy;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * A {@link WindowedPolicy} with the rule that has the most hits in shadow caches. A shadow cache
 * has no values and sees a sample of the keys, initially one key in eight. When a shadow cache
 * exceeds its limit, all are cleared and the sample is halved. Not thread-safe.
 */
final class DuelingPolicy {
  /** The candidate rules. The first is the initial one. */
  static final List<WindowRule> RULES =
      List.of(
          new WindowRule(0.01, true),
          new WindowRule(0.01, false),
          new WindowRule(0.2, true),
          new WindowRule(0.6, true),
          new WindowRule(0.95, true));

  private static final int LEAST_SAMPLE_SHIFT = 3;
  private static final int SAMPLE_BIT = 32; // the first bit of a hash that selects the sample
  private static final int MOST_SHADOW_ENTRIES = 2048;
  private static final int PERIOD = 250; // sampled requests
  private static final double KEPT = 0.8; // the weight of the hits of earlier periods
  private static final double LEAD = 0.3; // standard deviations

  private final long capacityBytes;
  private final WindowedPolicy policy;
  private final Shadow[] shadows = new Shadow[RULES.size()];
  private final double[] hits = new double[RULES.size()];
  private int sampleShift = LEAST_SAMPLE_SHIFT;
  private int sampled;
  private int best;

  DuelingPolicy(long capacityBytes, IntConsumer evicted) {
    this.capacityBytes = capacityBytes;
    policy = new WindowedPolicy(capacityBytes, RULES.get(0), evicted);
    startShadows();
  }

  private void startShadows() {
    Arrays.setAll(shadows, i -> new Shadow(capacityBytes >> sampleShift, RULES.get(i)));
  }

  /** Adds an entry. This or others may be evicted. The hash must be mixed in all its bits. */
  void add(int entry, long hash, int bytes) {
    policy.add(entry, hash, bytes);
    observe(hash, bytes);
  }

  void read(int entry, long hash, int bytes) {
    policy.read(entry);
    observe(hash, bytes);
  }

  void remove(int entry, long hash) {
    policy.remove(entry);
    if (isSampled(hash)) {
      for (Shadow shadow : shadows) {
        shadow.remove(hash);
      }
    }
  }

  private boolean isSampled(long hash) {
    return (hash << (64 - SAMPLE_BIT - sampleShift)) >>> (64 - sampleShift) == 0;
  }

  private void observe(long hash, int bytes) {
    if (!isSampled(hash)) {
      return;
    }
    for (int i = 0; i < shadows.length; i++) {
      if (shadows[i].use(hash, bytes)) {
        hits[i]++;
      }
    }
    if (++sampled == PERIOD) {
      sampled = 0;
      selectRule();
    }
  }

  private void selectRule() {
    int top = best;
    for (int i = 0; i < hits.length; i++) {
      top = hits[i] > hits[top] ? i : top;
    }
    if (hits[top] - hits[best] > LEAD * Math.sqrt(hits[top])) {
      best = top;
      policy.setRule(RULES.get(best));
    }
    boolean large = false;
    for (int i = 0; i < hits.length; i++) {
      hits[i] *= KEPT;
      large |= shadows[i].held() > MOST_SHADOW_ENTRIES;
    }
    if (large) {
      sampleShift++;
      startShadows();
    }
  }
}
