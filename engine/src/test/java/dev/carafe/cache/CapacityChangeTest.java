package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.FileOptions.Io;
import dev.carafe.log.FileReport;
import dev.carafe.log.LogInspection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A file is opened with another capacity than it was created with (contract D7, B2). */
@Timeout(120)
final class CapacityChangeTest {
  private static final int VALUE_BYTES = 20_000;
  private static final int KEYS = 300; // 6 MB

  @TempDir Path directory;

  private Carafe<Long, byte[]> open(long mib, Io io) {
    return Caches.builder(2 * Caches.MIB, file(), mib * Caches.MIB, io).build();
  }

  private Path file() {
    return directory.resolve("cache.carafe");
  }

  private static List<Long> check(Carafe<Long, byte[]> cache) {
    List<Long> found = new ArrayList<>();
    for (long key = 0; key < KEYS; key++) {
      byte[] value = cache.getIfPresent(key);
      if (value != null) {
        assertArrayEquals(Caches.value(key, 1, VALUE_BYTES), value, "key " + key);
        found.add(key);
      }
    }
    Caches.checkCounters(cache);
    return found;
  }

  private long indexBytes(Carafe<Long, byte[]> cache) {
    return cache.memoryUsage().bytesByTag().getOrDefault("fileIndex", 0L);
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "CHANNEL"})
  void fileGrowsAndShrinks(Io io) throws IOException {
    try (Carafe<Long, byte[]> cache = open(16, io)) {
      for (long key = 0; key < KEYS; key++) {
        cache.put(key, Caches.value(key, 1, VALUE_BYTES));
      }
    }
    long before = Files.size(file());
    for (long mib : new long[] {64, 65, 12, 40}) { // 12 MiB are enough for all values
      try (Carafe<Long, byte[]> cache = open(mib, io)) {
        assertEquals(KEYS, check(cache).size(), mib + " MiB");
        assertTrue(Files.size(file()) <= mib * Caches.MIB);
        assertEquals(mib > 16, Files.size(file()) > before);
      }
      checkSound();
    }
    long large;
    try (Carafe<Long, byte[]> cache = open(40, io)) {
      large = indexBytes(cache);
    }
    List<Long> kept;
    try (Carafe<Long, byte[]> cache = open(6, io)) {
      assertTrue(indexBytes(cache) <= large);
      kept = check(cache);
    }
    assertTrue(Files.size(file()) <= 6 * Caches.MIB);
    checkSound();
    assertTrue(kept.size() > 50 && kept.size() < KEYS, kept.size() + " of " + KEYS + " kept");
    try (Carafe<Long, byte[]> cache = open(16, io)) { // discarded records do not return
      assertTrue(kept.containsAll(check(cache)));
      for (long key = 0; key < KEYS; key++) {
        cache.put(key, Caches.value(key, 1, VALUE_BYTES));
      }
      assertEquals(KEYS, check(cache).size());
    }
    checkSound();
  }

  private void checkSound() {
    FileReport report =
        LogInspection.run(
            file(),
            0,
            damage -> {
              throw new AssertionError(damage.toString());
            });
    assertEquals(report.expectedBytes(), report.fileBytes());
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "CHANNEL"})
  void tooSmallCapacityIsRejected(Io io) throws IOException {
    try (Carafe<Long, byte[]> cache = open(30, io)) {
      cache.put(1L, Caches.value(1, 1, VALUE_BYTES));
    }
    byte[] before = Files.readAllBytes(file());
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> open(3, io).close());
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("capacityBytes is 3145728"), message);
    assertTrue(message.contains(file().toString()), message);
    assertArrayEquals(before, Files.readAllBytes(file()));
    try (Carafe<Long, byte[]> cache = open(30, io)) { // the lock was released
      assertArrayEquals(Caches.value(1, 1, VALUE_BYTES), cache.getIfPresent(1L));
    }
  }
}
