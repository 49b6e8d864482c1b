package dev.carafe.bench.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.bench.Trace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares the simulated policies with published hit ratios and with a model of the capacity. */
class PolicyTest {
  private static final double TOLERANCE_POINTS = 0.15;

  private static Trace trace(String name) throws IOException {
    return Trace.read(
        Path.of("traces").resolve(name + ".csv.gz"),
        new Trace.Reading(Integer.MAX_VALUE, 1, key -> 1));
  }

  /** The expected values are hit ratios of other implementations in percent of the reads. */
  @ParameterizedTest
  @CsvSource({
    "meta_cdn_pieces,  30266615, LRU,     33.59",
    "meta_cdn_pieces,  30266615, SIEVE,   24.56",
    "meta_cdn_pieces,  30266615, S3_FIFO, 27.70",
    "meta_cdn_pieces,  60533230, LRU,     35.46",
    "clickbench_q00_q22, 802926439, LRU,  24.21",
    "clickbench_q00_q22, 802926439, SIEVE, 44.57",
  })
  void hitRatiosEqualThoseOfOtherImplementations(
      String name, long capacityBytes, PolicyKind policy, double percent) throws IOException {
    Trace trace = trace(name);
    SimulatedCache.Result cache = policy.simulate(trace, capacityBytes, 0);
    assertEquals(percent, 100 * cache.hitRatio(), TOLERANCE_POINTS);
    assertEquals(0, cache.writtenBytes());
  }

  @ParameterizedTest
  @EnumSource
  void staysWithinCapacity(PolicyKind policy) {
    SplittableRandom random = new SplittableRandom(7);
    int keys = 200;
    long capacity = 5_000;
    SimulatedMemory memory = policy.create(keys, capacity);
    Map<Integer, Integer> model = new HashMap<>();
    memory.onEviction(
        key -> assertEquals(model.remove(key), memory.size(key), "the size of an evicted key"));
    for (int i = 0; i < 100_000; i++) {
      int key = random.nextInt(keys) * random.nextInt(keys) / keys;
      int size = 1 + key * 7 % 400;
      if (random.nextInt(20) == 0) {
        memory.remove(key);
        model.remove(key);
      } else {
        boolean held = model.containsKey(key);
        model.put(key, size); // first: the policy may evict it at once
        assertEquals(held, memory.get(key, size), "key " + key);
      }
      assertEquals(model.getOrDefault(key, 0), memory.size(key));
      long used = model.values().stream().mapToLong(Integer::longValue).sum();
      assertTrue(used <= capacity, used + " bytes");
    }
    assertTrue(model.size() > 10, model.size() + " keys");
  }

  @Test
  void lruEqualsLinkedHashMapInAccessOrder() {
    SplittableRandom random = new SplittableRandom(8);
    int capacity = 50;
    SimulatedMemory memory = PolicyKind.LRU.create(300, capacity);
    Map<Integer, Integer> model =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Integer, Integer> eldest) {
            return size() > capacity;
          }
        };
    for (int i = 0; i < 50_000; i++) {
      int key = random.nextInt(300) * random.nextInt(300) / 300;
      assertEquals(model.get(key) != null, memory.get(key, 1));
      model.put(key, 1);
    }
  }

  @Test
  void fileHoldsEvictedValues() {
    int keys = 100;
    byte[] ops = new byte[10 * keys];
    int[] ids = new int[ops.length];
    int[] sizes = new int[ops.length];
    for (int i = 0; i < ops.length; i++) {
      ids[i] = i % keys; // LRU never hits a loop longer than its capacity
      sizes[i] = 10;
    }
    Trace loop = Trace.of(keys, ops, ids, sizes);
    SimulatedCache.Result cache = PolicyKind.LRU.simulate(loop, 100, 10_000);
    assertEquals(0, cache.memoryHits());
    assertEquals(0.9, cache.hitRatio(), 1e-9);
    assertEquals(10L * keys, cache.writtenBytes(), "each value is written once");
    SimulatedCache.Result small = PolicyKind.LRU.simulate(loop, 100, 300);
    assertEquals(0, small.hitRatio(), "a FIFO file shorter than the loop");
  }
}
