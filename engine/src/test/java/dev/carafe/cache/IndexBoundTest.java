package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.FileOptions.Io;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The limit of the index in bytes. At the limit, entries are evicted and records reclaimed
 * (contract B1).
 */
@Timeout(120)
final class IndexBoundTest {
  private static final long INDEX_BYTES = 4 * Caches.MIB;

  /** The heap bytes that the index charges for an entry. */
  private static final long ENTRY_BYTES = 160;

  /** The number of records at the limit: four fifths of the slots that fit in half of the limit. */
  private static final long MAX_RECORDS = 64 * 1024 * 4 / 5;

  private static final int VALUE_BYTES = 40;

  @TempDir Path directory;

  private static long put(Carafe<Long, byte[]> cache, long keys) {
    for (long key = 0; key < keys; key++) {
      cache.put(key, Caches.value(key, 1, VALUE_BYTES));
    }
    cache.cleanUp();
    return keys;
  }

  private static CarafeBuilder<Long, byte[]> inMemory() {
    return Carafe.newBuilder()
        .memory(32 * Caches.MIB)
        .keyCodec(Codec.int64())
        .valueCodec(Codec.bytes());
  }

  @Test
  void memoryEvictsEntriesAtTheLimit() {
    long keys = 100_000;
    try (Carafe<Long, byte[]> free = inMemory().build();
        Carafe<Long, byte[]> bounded = inMemory().indexMemory(INDEX_BYTES).build()) {
      assertEquals(put(free, keys), free.estimatedSize());
      put(bounded, keys);
      long most = INDEX_BYTES / ENTRY_BYTES;
      long size = bounded.estimatedSize();
      assertTrue(size <= most && size > most * 8 / 10, size + " entries, at most " + most);
      assertEquals(keys - size, bounded.tierStats().memory().dropped());
    }
  }

  /** The heap holds no keys, so the number of entries does not depend on their length. */
  @Test
  void longKeysUseNoHeap() {
    try (Carafe<String, byte[]> cache =
        Carafe.newBuilder()
            .memory(32 * Caches.MIB)
            .indexMemory(INDEX_BYTES)
            .keyCodec(Codec.utf8())
            .valueCodec(Codec.bytes())
            .build()) {
      for (int i = 0; i < 10_000; i++) {
        cache.put("key " + i + "-".repeat(1000), new byte[1]);
      }
      cache.cleanUp();
      assertEquals(10_000, cache.estimatedSize());
    }
  }

  private CarafeBuilder<Long, byte[]> inFile(Io io) {
    return Caches.builder(Caches.MIB, directory.resolve("cache.carafe"), 64 * Caches.MIB, io);
  }

  private static long indexBytes(Carafe<Long, byte[]> cache) {
    return cache.memoryUsage().bytesByTag().getOrDefault("fileIndex", 0L);
  }

  private static void checkBound(Carafe<Long, byte[]> cache, long keys) {
    assertTrue(indexBytes(cache) <= INDEX_BYTES / 2, indexBytes(cache) + " bytes");
    long found = 0;
    for (long key = 0; key < keys; key++) {
      byte[] value = cache.getIfPresent(key);
      if (value != null) {
        assertArrayEquals(Caches.value(key, 1, VALUE_BYTES), value, "key " + key);
        found++;
      }
    }
    assertTrue(found > MAX_RECORDS / 4 && found < keys, found + " of " + keys);
    assertFalse(cache.getIfPresent(keys - 1) == null, "the newest key");
    Caches.checkCounters(cache);
  }

  /** Waits for log maintenance, up to the time limit of the test. */
  private static void awaitBound(Carafe<Long, byte[]> cache) {
    while (cache.tierStats().file().records() > MAX_RECORDS) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "CHANNEL"})
  void fileReclaimsOldestRecordsAtTheLimit(Io io) {
    long keys = 120_000;
    try (Carafe<Long, byte[]> cache = inFile(io).indexMemory(INDEX_BYTES).build()) {
      put(cache, keys);
      cache.flush();
      awaitBound(cache);
      assertTrue(cache.tierStats().file().reclaimed() > 0);
      checkBound(cache, keys);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "CHANNEL"})
  void fileWithMoreRecordsShrinksToTheLimit(Io io) {
    long keys = 120_000;
    try (Carafe<Long, byte[]> cache = inFile(io).build()) {
      put(cache, keys);
      cache.flush();
      assertTrue(cache.tierStats().file().records() > 3 * MAX_RECORDS / 2);
      assertTrue(indexBytes(cache) > INDEX_BYTES / 2);
    }
    try (Carafe<Long, byte[]> cache = inFile(io).indexMemory(INDEX_BYTES).build()) {
      awaitBound(cache);
      cache.put(keys, Caches.value(keys, 1, VALUE_BYTES));
      cache.flush();
      checkBound(cache, keys + 1);
    }
  }

  @Test
  void tooSmallLimitIsRejected() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> inMemory().indexMemory(1000))
            .getMessage();
    assertEquals("indexMemory is 1000 bytes but must be at least 4194304", message);
  }
}
