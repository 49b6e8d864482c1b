package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static dev.carafe.cache.Stores.assertMessage;
import static dev.carafe.cache.Stores.numbers;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.FileOptions.Io;
import dev.carafe.Health;
import dev.carafe.TierStats;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Caches of a store: their values over a restart, drops, clears and closing. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StoreTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "CHANNEL"})
  void equalKeysOfTwoCachesAreDistinctAndSurvive(Io io) {
    try (CarafeStore store = Stores.open(directory, io);
        Carafe<Long, byte[]> a = numbers(store, "a");
        Carafe<Long, byte[]> b = numbers(store, "b")) {
      for (long key = 0; key < 2_000; key++) { // more than memory holds
        a.put(key, value(key, 1, 2_000));
        b.put(key, value(key, 2, 2_000));
      }
      checkValues(a, 1);
      checkValues(b, 2);
      for (long key = 0; key < 2_000; key += 2) {
        a.invalidate(key);
      }
      checkValues(b, 2);
      assertEquals(Set.of("a", "b"), store.cacheNames());
    }
    try (CarafeStore store = Stores.open(directory, io)) {
      assertEquals(Set.of("a", "b"), store.cacheNames());
      try (Carafe<Long, byte[]> b = numbers(store, "b");
          Carafe<Long, byte[]> a = numbers(store, "a")) {
        checkValues(b, 2);
        assertEquals(1_000, a.asMap().size());
        assertEquals(1_000, a.estimatedSize());
        assertNull(a.getIfPresent(0L));
        assertArrayEquals(value(1, 1, 2_000), a.getIfPresent(1L));
      }
    }
  }

  private static void checkValues(Carafe<Long, byte[]> cache, int version) {
    for (long key = 0; key < 2_000; key++) {
      assertArrayEquals(value(key, version, 2_000), cache.getIfPresent(key), "key " + key);
    }
  }

  @Test
  void aCacheThatIsClosedKeepsItsValuesForTheNextOpening() {
    try (CarafeStore store = Stores.open(directory)) {
      for (int round = 1; round <= 3; round++) {
        try (Carafe<Long, byte[]> cache = numbers(store, "a")) {
          for (long key = 0; key < 100; key++) {
            byte[] found = cache.getIfPresent(key);
            assertEquals(round == 1, found == null);
            if (found != null) {
              assertArrayEquals(value(key, round - 1, 300), found);
            }
            cache.put(key, value(key, round, 300));
          }
        }
      }
      TierStats.MemoryTier m = store.tierStats().memory();
      assertEquals(300, m.puts());
      assertEquals(0, m.entries());
    }
  }

  @Test
  void dropRemovesOneCacheForGood() {
    try (CarafeStore store = Stores.open(directory)) {
      try (Carafe<Long, byte[]> a = numbers(store, "a");
          Carafe<Long, byte[]> b = numbers(store, "b")) {
        for (long key = 0; key < 3_000; key++) {
          a.put(key, value(key, 1, 1_000));
          b.put(key, value(key, 2, 1_000));
        }
        store.flush();
        long live = store.tierStats().file().liveBytes();
        store.drop("a");
        assertTrue(store.tierStats().file().liveBytes() <= live / 2 + 4096);
        assertThrows(IllegalStateException.class, () -> a.getIfPresent(1L));
        assertEquals(Set.of("b"), store.cacheNames());
        assertArrayEquals(value(7, 2, 1_000), b.getIfPresent(7L));
        try (Carafe<Long, byte[]> again = numbers(store, "a")) {
          assertNull(again.getIfPresent(7L));
          assertEquals(0, again.asMap().size());
          again.put(7L, value(7, 3, 1_000));
        }
      }
      store.drop("never made");
    }
    try (CarafeStore store = Stores.open(directory);
        Carafe<Long, byte[]> a = numbers(store, "a")) {
      assertEquals(Map.of(7L, 1_000), lengths(a));
      store.drop("b"); // which is not open
      assertEquals(Set.of("a"), store.cacheNames());
    }
    try (CarafeStore store = Stores.open(directory)) {
      assertEquals(Set.of("a"), store.cacheNames());
    }
  }

  private static Map<Long, Integer> lengths(Carafe<Long, byte[]> cache) {
    Map<Long, Integer> lengths = new HashMap<>();
    cache.asMap().forEach((key, found) -> lengths.put(key, found.length));
    return lengths;
  }

  @Test
  void clearEmptiesOneCache() {
    try (CarafeStore store = Stores.open(directory);
        Carafe<Long, byte[]> a = numbers(store, "a");
        Carafe<Long, byte[]> b = numbers(store, "b")) {
      for (long key = 0; key < 3_000; key++) {
        a.put(key, value(key, 1, 2_000));
        b.put(key, value(key, 2, 100));
      }
      a.invalidateAll();
      assertEquals(0, a.asMap().size());
      assertEquals(3_000, b.asMap().size());
      assertEquals(3_000, b.estimatedSize());
    }
    try (CarafeStore store = Stores.open(directory);
        Carafe<Long, byte[]> a = numbers(store, "a");
        Carafe<Long, byte[]> b = numbers(store, "b")) {
      assertEquals(0, a.asMap().size());
      assertEquals(3_000, b.asMap().size());
    }
  }

  @Test
  void aStoreWithoutAFileForgetsWhatIsClosed() {
    try (CarafeStore store = CarafeStore.newBuilder().memory(MIB).build()) {
      try (Carafe<Long, byte[]> a = numbers(store, "a")) {
        a.put(1L, new byte[10]);
        assertNotNull(a.getIfPresent(1L));
      }
      try (Carafe<Long, byte[]> a = numbers(store, "a")) {
        assertNull(a.getIfPresent(1L));
        store.drop("a");
        assertThrows(IllegalStateException.class, () -> a.put(1L, new byte[1]));
      }
      assertEquals(Set.of(), store.cacheNames());
    }
  }

  @Test
  void closeClosesAllCaches() {
    CarafeStore store = Stores.open(directory);
    Carafe<Long, byte[]> a = numbers(store, "a");
    a.put(1L, new byte[1]);
    IllegalStateException inside =
        assertThrows(
            IllegalStateException.class,
            () ->
                a.get(
                    2L,
                    key -> {
                      store.close();
                      return new byte[1];
                    }));
    assertMessage("from inside an operation", inside);
    assertThrows(
        IllegalStateException.class,
        () ->
            a.get(
                2L,
                key -> {
                  store.drop("a");
                  return new byte[1];
                }));
    assertNotNull(a.getIfPresent(1L));
    store.close();
    store.close();
    assertThrows(IllegalStateException.class, () -> a.getIfPresent(1L));
    assertThrows(IllegalStateException.class, () -> numbers(store, "b"));
    assertThrows(IllegalStateException.class, () -> store.drop("a"));
    assertThrows(IllegalStateException.class, store::flush);
    assertThrows(IllegalStateException.class, store::cacheNames);
    assertThrows(IllegalStateException.class, store::tierStats);
    assertThrows(IllegalStateException.class, store::tierStatsByCache);
    assertThrows(IllegalStateException.class, store::memoryUsage);
    assertThrows(IllegalStateException.class, () -> store.resize(MIB, 64 * MIB));
    assertEquals(Health.State.CLOSED, store.health().memory().state());
    a.close();
  }

  @Test
  void manyCachesFitOneStore() {
    List<Carafe<Long, byte[]>> caches = new ArrayList<>();
    try (CarafeStore store = Stores.open(directory)) {
      for (int i = 0; i < 200; i++) {
        caches.add(numbers(store, "cache " + i));
      }
      for (long key = 0; key < 100; key++) {
        for (int i = 0; i < caches.size(); i++) {
          caches.get(i).put(key, value(key, i, 300));
        }
      }
      for (int i = 0; i < caches.size(); i++) {
        assertArrayEquals(value(5, i, 300), caches.get(i).getIfPresent(5L));
      }
      assertEquals(200, store.cacheNames().size());
      for (int i = 0; i < 200; i += 2) {
        store.drop("cache " + i);
      }
    }
    try (CarafeStore store = Stores.open(directory)) {
      assertEquals(100, store.cacheNames().size());
      for (int i = 1; i < 200; i += 2) {
        try (Carafe<Long, byte[]> cache = numbers(store, "cache " + i)) {
          assertEquals(100, cache.asMap().size());
          assertArrayEquals(value(99, i, 300), cache.getIfPresent(99L));
        }
      }
    }
  }
}
