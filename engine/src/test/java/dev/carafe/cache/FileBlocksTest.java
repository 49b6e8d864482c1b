package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.FileOptions.Io;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A file on a real file system occupies no blocks for what was cleared, on each device. */
@Timeout(120)
final class FileBlocksTest {
  private static final int KEYS = 600;
  private static final int VALUE_BYTES = 20_000;

  @TempDir Path directory;

  /** The bytes that the file occupies on the disk. */
  private static long occupied(Path file) {
    try {
      Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
      String blocks = new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return Long.parseLong(blocks.trim()) * 512;
    } catch (IOException | NumberFormatException e) {
      return Assumptions.abort("stat does not report the blocks of a file: " + e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aClearedFileGivesItsBlocksBack(Io io) throws IOException {
    Path file = directory.resolve("cache.carafe");
    long length;
    try (Carafe<Long, byte[]> cache =
        Caches.builder(2 * Caches.MIB, file, 16 * Caches.MIB, UsableDevices.usable(io)).build()) {
      for (long key = 0; key < KEYS; key++) {
        cache.put(key, Caches.value(key, 1, VALUE_BYTES));
      }
      cache.flush();
      length = Files.size(file);
      long full = occupied(file);
      assertTrue(full > 8 * Caches.MIB, full + " bytes occupied");
      cache.invalidateAll();
      for (int i = 0; occupied(file) > 6 * Caches.MIB && i < 300; i++) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      }
      long cleared = occupied(file);
      assertTrue(cleared <= 6 * Caches.MIB, cleared + " of " + full + " bytes occupied");
      cache.put(1L, Caches.value(1, 2, VALUE_BYTES));
      cache.flush();
    }
    assertEquals(length, Files.size(file));
    try (Carafe<Long, byte[]> cache =
        Caches.builder(2 * Caches.MIB, file, 16 * Caches.MIB, UsableDevices.usable(io)).build()) {
      assertArrayEquals(Caches.value(1, 2, VALUE_BYTES), cache.getIfPresent(1L));
    }
  }
}
