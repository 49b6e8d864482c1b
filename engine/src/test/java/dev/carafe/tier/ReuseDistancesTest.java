package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Soak;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The distances of samples against replays of all accesses through caches of each size. */
class ReuseDistancesTest {
  private static final long NEVER = Long.MAX_VALUE;
  private static final double[] SHARES = {0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.05};

  /** A least-recently-used cache of a capacity in bytes. */
  private static final class LruCache {
    private final long capacityBytes;
    private final LinkedHashMap<Integer, Integer> sizes = new LinkedHashMap<>(16, 0.75f, true);
    private long usedBytes;
    private long hits;

    LruCache(long capacityBytes) {
      this.capacityBytes = capacityBytes;
    }

    void readOrPut(int key, int bytes) {
      if (sizes.get(key) != null) {
        hits++;
      } else {
        sizes.put(key, bytes);
        usedBytes += bytes;
        var oldestFirst = sizes.entrySet().iterator();
        while (usedBytes > capacityBytes) {
          usedBytes -= oldestFirst.next().getValue();
          oldestFirst.remove();
        }
      }
    }
  }

  /** Reads of keys with values of different sizes. */
  private record Accesses(int[] keys, int[] bytesByKey) {
    static Accesses popular(int keyCount, int requests, int mostBytes, SplittableRandom random) {
      int[] bytes = new int[keyCount];
      for (int key = 0; key < keyCount; key++) {
        bytes[key] = 1 + random.nextInt(mostBytes);
      }
      int[] keys = new int[requests];
      for (int request = 0; request < requests; request++) {
        keys[request] = (int) Math.pow(keyCount, random.nextDouble()) - 1;
      }
      return new Accesses(keys, bytes);
    }

    long uniqueBytes() {
      long sum = 0;
      for (int bytes : bytesByKey) {
        sum += bytes;
      }
      return sum;
    }

    long exactHits(long capacityBytes) {
      LruCache cache = new LruCache(capacityBytes);
      for (int key : keys) {
        cache.readOrPut(key, bytesByKey[key]);
      }
      return cache.hits;
    }

    ReuseDistances sampled(long secret) {
      ReuseDistances distances = new ReuseDistances(2 * uniqueBytes());
      for (int key : keys) {
        int hash = (int) new SplittableRandom(secret + key).nextLong();
        if ((hash & distances.mask()) == 0) {
          distances.readOrPut(hash, bytesByKey[key]);
        }
      }
      return distances;
    }
  }

  @Test
  void allKeysInTheSampleGiveTheExactHits() {
    SplittableRandom random = new SplittableRandom(1);
    Accesses accesses = Accesses.popular(5_000, 100_000, 1_000, random);
    ReuseDistances distances = accesses.sampled(3);
    assertEquals(0, distances.shift());
    for (double share : SHARES) {
      long capacity = (long) (share * accesses.uniqueBytes());
      long estimate = distances.hits(capacity, accesses.keys.length);
      long bucket = capacity / 64; // the distances that count as hits although they are longer
      long above = accesses.exactHits(capacity + bucket);
      assertTrue(
          estimate >= accesses.exactHits(capacity) && estimate <= above,
          () -> share + ": " + estimate + ", at most " + above);
    }
  }

  @Test
  void aSampleIsWithinTwoPoints() {
    SplittableRandom random = new SplittableRandom(2);
    Accesses accesses = Accesses.popular(200_000, 1_000_000, 2_000, random);
    ReuseDistances distances = accesses.sampled(3);
    assertTrue(distances.shift() >= 3, () -> "shift " + distances.shift());
    for (double share : SHARES) {
      long capacity = (long) (share * accesses.uniqueBytes());
      double exact = 100.0 * accesses.exactHits(capacity) / accesses.keys.length;
      double estimate =
          100.0 * distances.hits(capacity, accesses.keys.length) / accesses.keys.length;
      assertEquals(exact, estimate, 2, () -> "hit ratio at " + share);
    }
  }

  @Test
  void keysBeyondTheLargestDistanceAreForgotten() {
    ReuseDistances distances = new ReuseDistances(1_000);
    for (int key = 0; key < 100; key++) {
      distances.readOrPut(key, 100);
    }
    assertEquals(10, distances.keyCount());
    for (int key = 90; key < 100; key++) {
      distances.readOrPut(key, 100);
    }
    assertEquals(10, distances.hits(1_000, 110));
    assertEquals(0, distances.hits(900, 110));
  }

  @Test
  void aSmallSampleIsHalvedAfterManyAccesses() {
    ReuseDistances distances = new ReuseDistances(1 << 20);
    for (int access = 0; access < 8_000_000; access++) {
      int hash = (access % 64) * 0x0400_0000; // the upper six bits differ
      distances.readOrPut(hash, 10);
    }
    assertEquals(3, distances.shift());
    assertEquals(8, distances.keyCount());
    assertEquals(100.0, distances.hits(640, 8_000_000) / 80_000.0, 0.1);
  }

  @Test
  void removalsAndExpiriesMakeMisses() {
    ReuseDistances distances = new ReuseDistances(1 << 20);
    distances.write(1, 100, NEVER);
    distances.write(2, 100, 1_000);
    distances.write(3, 100, 1_000);
    distances.remove(1);
    distances.readMissed(1, 500); // removed
    distances.readMissed(2, 500); // a cache of this size would have it
    distances.readMissed(3, 1_000); // expired
    distances.readFound(2, 100, 5_000, 100); // renewed
    assertEquals(2, distances.hits(1 << 20, 4));
    assertEquals(1, distances.keyCount());
    distances.readFound(9, 50, NEVER, 700); // of before
    assertEquals(2, distances.hits(600, 5));
    assertEquals(3, distances.hits(720, 5));
    distances.clear();
    distances.readMissed(2, 500);
    assertEquals(3, distances.hits(1 << 20, 6));
  }

  @Test
  void theKeysAreThoseOfAList() {
    Soak.seeded(random -> {
      for (int round = 0; round < Soak.times(3, 50); round++) {
        compareWithAList(random);
      }
    });
  }

  private static void compareWithAList(SplittableRandom random) {
    SampledKeys keys = new SampledKeys();
    Map<Integer, Integer> list = new LinkedHashMap<>(); // by hash: bytes, oldest first
    for (int step = 0; step < 5_000; step++) {
      if (keys.isFull()) {
        int selected = random.nextInt(4) == 0 ? 1 << random.nextInt(12) : 0;
        keys.makeRoom(selected);
        list.keySet().removeIf(hash -> (hash & selected) != 0);
      }
      int hash = random.nextInt(3_000);
      int slot = keys.find(hash);
      assertEquals(list.containsKey(hash), slot != SampledKeys.NONE);
      if (slot != SampledKeys.NONE) {
        assertEquals(newer(list, hash), keys.newerBytes(slot));
        assertEquals(list.get(hash), keys.bytes(slot));
      }
      int size = 1 + random.nextInt(100);
      if (slot != SampledKeys.NONE && random.nextInt(3) == 0) {
        keys.remove(slot);
        list.remove(hash);
      } else if (slot != SampledKeys.NONE) {
        keys.move(slot, size, NEVER);
        list.remove(hash);
        list.put(hash, size);
      } else {
        keys.add(hash, size, NEVER);
        list.put(hash, size);
      }
      assertEquals(list.size(), keys.count());
      assertEquals(list.values().stream().mapToLong(bytes -> bytes).sum(), keys.totalBytes());
      if (!list.isEmpty()) {
        assertEquals(list.values().iterator().next(), keys.bytes(keys.oldest()));
      }
    }
  }

  private static long newer(Map<Integer, Integer> list, int hash) {
    List<Integer> order = new ArrayList<>(list.keySet());
    return order.subList(order.indexOf(hash) + 1, order.size()).stream()
        .mapToLong(key -> list.getOrDefault(key, 0))
        .sum();
  }
}
