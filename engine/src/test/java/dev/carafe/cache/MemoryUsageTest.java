package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.FileOptions.Io;
import dev.carafe.MemoryUsage;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The entries of {@code memoryUsage()}, which is empty after {@code close()} (contract B1). */
final class MemoryUsageTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(
      value = Io.class,
      names = {"URING", "CHANNEL"})
  void tableListsRingsAndIsEmptyAfterClose(Io io) {
    Io usable = UsableDevices.usable(io);
    Carafe<Long, byte[]> cache =
        Caches.builder(MIB, directory.resolve("c"), 8 * MIB, usable).build();
    for (long key = 0; key < 1000; key++) {
      cache.put(key, value(key, 0, 3000));
    }
    cache.flush();
    Map<String, Long> open = cache.memoryUsage().bytesByTag();
    assertEquals(MIB, open.get("regions"));
    assertTrue(open.getOrDefault("extentBuffers", 0L) > 0, open::toString);
    assertEquals(usable == Io.URING, open.getOrDefault("rings", 0L) > 0, open::toString);
    cache.close();
    MemoryUsage closed = figures(cache).memoryUsage();
    assertEquals(0, closed.totalBytes(), closed::toString);
  }

  @Test
  void tableListsRegionsWithoutAFile() {
    Carafe<Long, byte[]> cache = Caches.builder(MIB).build();
    assertEquals(
        Map.of("regions", MIB, "leasedCopies", 0L, "recentReads", 0L),
        cache.memoryUsage().bytesByTag());
    cache.close();
    assertEquals(0, figures(cache).memoryUsage().totalBytes());
  }

  /** The buffers of the file are in proportion to the memory, however large the file is. */
  @Test
  void smallMemoryHasSmallBuffers() {
    for (long fileBytes : new long[] {64 * MIB, 4096 * MIB, 200_000 * MIB}) {
      Path file = directory.resolve("c" + fileBytes);
      try (Carafe<Long, byte[]> cache = Caches.builder(4 * MIB).file(file, fileBytes).build()) {
        byte[] value = Caches.value(1, 1, 700 * 1024);
        for (long key = 0; key < 6; key++) {
          cache.put(key, value);
        }
        assertArrayEquals(value, cache.getIfPresent(0L));
        MemoryUsage usage = cache.memoryUsage();
        assertTrue(usage.totalBytes() <= 12 * MIB, usage::toString);
      }
    }
  }

  /** Returns the figures of a closed cache, whose method throws. */
  private static <K, V> Statistics figures(Carafe<K, V> cache) {
    return ((CarafeCache<K, V>) cache).context.statistics();
  }
}
