package dev.carafe.bench.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.bench.Trace;
import dev.carafe.tier.FrequencySketch;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares the dueling policy with the reference policies, and its data structures with models. */
class DuelingPolicyTest {
  private static double hits(PolicyKind policy, Trace trace) {
    return 100 * policy.simulate(trace, trace.uniqueBytes() / 10, 0).hitRatio();
  }

  /** The measured differences are 0, 0.1, 0.3, 9.9 and 1.9 points. */
  @ParameterizedTest
  @CsvSource({"LOOP, 3", "SCAN, 1", "NEW_KEYS, 1", "LARGE_VALUES, 12", "PHASES, 3"})
  void isNearTheBestReference(Adversary adversary, double points) {
    Trace trace = adversary.trace();
    double duel = hits(PolicyKind.DUEL, trace);
    for (PolicyKind policy : PolicyKind.values()) {
      double reference = hits(policy, trace);
      assertTrue(duel >= reference - points, policy + ": " + reference + ", duel: " + duel);
    }
  }

  @Test
  void adoptsTheRuleOfANewPhase() {
    Trace phases = Adversary.PHASES.trace();
    double duel = hits(PolicyKind.DUEL, phases);
    for (WindowRule rule : DuelingPolicy.RULES) {
      Shadow fixed = new Shadow(phases.uniqueBytes() / 10, rule);
      int hits = 0;
      for (int request = 0; request < phases.requests(); request++) {
        long hash = CarafeMemory.hash(phases.keyId(request));
        hits += fixed.use(hash, phases.size(request)) ? 1 : 0;
      }
      double ratio = 100.0 * hits / phases.requests();
      assertTrue(duel >= ratio - 2, rule + ": " + ratio + ", duel: " + duel);
    }
  }

  @Test
  void indexBehavesLikeAMap() {
    SplittableRandom random = new SplittableRandom(9);
    HashIndex index = new HashIndex();
    Map<Long, Integer> model = new HashMap<>();
    for (int i = 0; i < 200_000; i++) {
      long hash = (long) random.nextInt(2_000) << random.nextInt(3); // long probe sequences
      if (random.nextInt(3) == 0) {
        index.remove(hash);
        model.remove(hash);
      } else {
        index.put(hash, i);
        model.put(hash, i);
      }
      long probe = random.nextInt(4_000);
      assertEquals(model.getOrDefault(probe, HashIndex.NONE), index.get(probe));
    }
  }

  @Test
  void sketchCountsAndAges() {
    FrequencySketch sketch = new FrequencySketch();
    long hash = CarafeMemory.hash(1);
    for (int use = 1; use <= 7; use++) {
      sketch.count(hash);
      assertEquals(use, sketch.frequency(hash));
    }
    sketch.ensureEntries(5_000);
    assertEquals(7, sketch.frequency(hash), "a larger sketch keeps the counts");
    for (int key = 2; sketch.frequency(hash) >= 7; key++) {
      assertTrue(key < 100_000, "the count is halved");
      sketch.count(CarafeMemory.hash(key));
    }
  }
}
