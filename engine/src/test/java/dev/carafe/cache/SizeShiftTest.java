package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.FileOptions.Io;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory follows shifts of the mix of value sizes (contract B4). */
final class SizeShiftTest {
  private static final long BUDGET = 16 * MIB;

  @TempDir Path directory;

  @Test
  void withoutAFile() {
    try (Carafe<Long, byte[]> cache = Caches.builder(BUDGET).build()) {
      shift(cache);
    }
  }

  @Test
  void withAFile() {
    try (Carafe<Long, byte[]> cache =
        Caches.builder(BUDGET, directory.resolve("c"), 64 * MIB, Io.AUTO).build()) {
      shift(cache);
    }
  }

  private static void shift(Carafe<Long, byte[]> cache) {
    long key = 0;
    for (int bytes : new int[] {200, 20 * 1024, 200, 300_000, 64}) {
      long puts = 2 * BUDGET / bytes;
      for (long i = 0; i < puts; i++) {
        cache.put(key++, new byte[bytes]);
      }
      cache.cleanUp();
      long live = cache.memoryUsage().valueBytes();
      int phase = bytes;
      long percent = 100 * live / BUDGET;
      assertTrue(
          percent >= (bytes == 64 ? 75 : 80),
          () -> "after values of " + phase + " B only " + percent + " % of the budget is used");
    }
  }
}
