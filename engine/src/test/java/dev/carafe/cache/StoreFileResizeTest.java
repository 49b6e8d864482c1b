package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static dev.carafe.cache.Stores.assertMessage;
import static dev.carafe.cache.Stores.numbers;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** D7: the file of a store changes its capacity while the caches serve. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StoreFileResizeTest {
  private static final int KEYS = 2_000;

  @TempDir Path directory;

  private static void checkAll(Carafe<Long, byte[]> cache, int version) {
    for (long key = 0; key < KEYS; key++) {
      assertArrayEquals(value(key, version, 2_000), cache.getIfPresent(key), "key " + key);
    }
  }

  @Test
  void allValuesThatFitAreStillThere() throws IOException {
    try (CarafeStore store = Stores.open(directory);
        Carafe<Long, byte[]> first = numbers(store, "first");
        Carafe<Long, byte[]> second = numbers(store, "second")) {
      int version = 0;
      for (long mib : new long[] {96, 32, 128, 24}) {
        version++;
        for (long key = 0; key < KEYS; key++) {
          first.put(key, value(key, version, 2_000));
          second.put(key, value(key, -version, 2_000));
        }
        store.resize(2 * MIB, mib * MIB);
        assertEquals(mib * MIB, store.tierStats().file().capacityBytes());
        assertTrue(Files.size(directory.resolve("s.carafe")) <= mib * MIB);
        checkAll(first, version);
        checkAll(second, -version);
      }
      store.drop("second");
      checkAll(first, version);
    }
    try (CarafeStore store = Stores.open(directory); // 64 MiB
        Carafe<Long, byte[]> first = numbers(store, "first")) {
      assertEquals(64 * MIB, store.tierStats().file().capacityBytes());
      checkAll(first, 4);
    }
  }

  @Test
  void anImpossibleCapacityChangesNothing() {
    try (CarafeStore store = Stores.open(directory)) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> store.resize(2 * MIB, MIB));
      assertMessage("capacityBytes is " + MIB, refused);
      assertEquals(4 * MIB, store.memoryUsage().budgetBytes());
      assertEquals(64 * MIB, store.tierStats().file().capacityBytes());
    }
  }
}
