package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static dev.carafe.cache.Stores.assertMessage;
import static dev.carafe.cache.Stores.hits;
import static dev.carafe.cache.Stores.numbers;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The shares of the memory of a store: reserves, ceilings and unused memory. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StoreSharesTest {
  @TempDir Path directory;

  @Test
  void reservesAreBounded() {
    try (CarafeStore store = Stores.open(directory);
        Carafe<Long, byte[]> a =
            store.cache("a", Codec.int64(), Codec.bytes()).memory(3 * MIB).build()) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> store.cache("b", Codec.int64(), Codec.bytes()).memory(2 * MIB).build());
      assertMessage("cache 'b'", refused);
      assertEquals(Set.of("a"), store.cacheNames());
      assertNotNull(a);
    }
  }

  @Test
  void aQuietCacheKeepsItsReserve() {
    try (CarafeStore store = Stores.open(directory);
        Carafe<Long, byte[]> quiet =
            store.cache("quiet", Codec.int64(), Codec.bytes()).memory(MIB).build();
        Carafe<Long, byte[]> noisy = numbers(store, "noisy")) {
      for (long key = 0; key < 400; key++) {
        quiet.put(key, value(key, 1, 2_000));
      }
      for (long key = 0; key < 20_000; key++) {
        noisy.put(key, value(key, 1, 1_000));
      }
      long before = hits(store, "quiet");
      for (long key = 0; key < 400; key++) {
        assertNotNull(quiet.getIfPresent(key));
      }
      assertEquals(before + 400, hits(store, "quiet"));
    }
  }

  @Test
  void anIdleCacheLeavesItsMemoryToOthers() {
    try (CarafeStore store = Stores.open(directory);
        Carafe<Long, byte[]> idle = numbers(store, "idle");
        Carafe<Long, byte[]> busy = numbers(store, "busy")) {
      idle.put(1L, value(1, 1, 100));
      for (int round = 0; round < 3; round++) {
        for (long key = 0; key < 3_000; key++) {
          busy.put(key, value(key, round, 1_000));
        }
      }
      busy.cleanUp();
      long maximum = busy.policy().eviction().orElseThrow().getMaximum();
      long all = Engine.maximumWeightBytes(4 * MIB);
      assertTrue(maximum > all / 100 * 97, maximum + " of " + all);
      assertThrows(
          UnsupportedOperationException.class,
          () -> busy.policy().eviction().orElseThrow().setMaximum(MIB));
    }
  }

  /** The memory is in use, but nothing reads it. */
  @Test
  void aCacheWithoutHitsLeavesItsMemoryToOthers() {
    try (CarafeStore store = Stores.open(directory);
        Carafe<Long, byte[]> idle = numbers(store, "idle");
        Carafe<Long, byte[]> busy = numbers(store, "busy")) {
      for (long key = 0; key < 6_000; key++) {
        idle.put(key, value(key, 1, 1_000));
      }
      long all = Engine.maximumWeightBytes(4 * MIB);
      assertTrue(idle.policy().eviction().orElseThrow().getMaximum() > all / 100 * 90);
      for (int round = 0; round < 20; round++) {
        for (long key = 0; key < 3_000; key++) {
          assertNotNull(busy.get(key, missing -> value(missing, 1, 1_000)));
        }
      }
      long maximum = busy.policy().eviction().orElseThrow().getMaximum();
      assertTrue(maximum > all / 100 * 75, maximum + " of " + all);
    }
  }

  @Test
  void aCeilingHolds() {
    try (CarafeStore store = Stores.open(directory);
        Carafe<Long, byte[]> cache =
            store.cache("a", Codec.int64(), Codec.bytes()).memoryLimit(MIB).build()) {
      for (long key = 0; key < 5_000; key++) {
        cache.put(key, value(key, 1, 1_000));
      }
      cache.cleanUp();
      var policy = cache.policy().eviction().orElseThrow();
      assertTrue(policy.weightedSize().orElseThrow() <= MIB);
      assertEquals(MIB, policy.getMaximum());
    }
  }
}
