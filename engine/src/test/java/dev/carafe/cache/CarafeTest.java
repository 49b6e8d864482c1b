package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Io;
import dev.carafe.Health;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The public operations without a file, and with a file on each device. */
final class CarafeTest {
  @TempDir Path directory;

  private Path file() {
    return directory.resolve("cache.carafe");
  }

  @Test
  void putGetInvalidateInMemory() {
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).build()) {
      assertNull(cache.getIfPresent(1L));
      cache.put(1L, value(1, 0, 100));
      assertArrayEquals(value(1, 0, 100), cache.getIfPresent(1L));
      cache.put(1L, value(1, 1, 5000));
      assertArrayEquals(value(1, 1, 5000), cache.getIfPresent(1L));
      assertEquals(1, cache.estimatedSize());
      cache.invalidate(1L);
      assertNull(cache.getIfPresent(1L));
      assertEquals(0, cache.estimatedSize());
      assertNull(cache.health().file());
    }
  }

  @ParameterizedTest
  @EnumSource(Io.class)
  void evictedValuesAreReadFromTheFile(Io io) {
    Io usable = UsableDevices.usable(io);
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB, file(), 64 * MIB, usable).build()) {
      for (long key = 0; key < 1000; key++) {
        cache.put(key, value(key, 0, 10_000));
      }
      for (long key = 0; key < 1000; key++) {
        assertArrayEquals(value(key, 0, 10_000), cache.getIfPresent(key), "key " + key);
      }
      assertTrue(cache.tierStats().file().hits() > 800, cache.tierStats()::toString);
      assertEquals(Health.State.OK, cache.health().memory().state());
      assertFalse(cache.health().device().isEmpty());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 63, 64, 65, 4095, 4096, 4097, 100_000, 1 << 20, 16 << 20})
  void valuesOfAllSizesAreReadFromBothTiersAndAfterReopen(int bytes) {
    byte[] expected = value(7, 0, bytes);
    var builder = Caches.builder(64 * MIB, file(), 256 * MIB, Io.AUTO);
    try (Carafe<Long, byte[]> cache = builder.build()) {
      cache.put(7L, expected);
      assertArrayEquals(expected, cache.getIfPresent(7L));
    }
    try (Carafe<Long, byte[]> cache =
        Caches.builder(64 * MIB, file(), 256 * MIB, Io.CHANNEL).build()) {
      assertArrayEquals(expected, cache.getIfPresent(7L));
      assertEquals(1, cache.tierStats().file().hits());
    }
  }

  @Test
  void removedAndOverwrittenValuesAreAbsentAfterReopen() {
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB, file(), 16 * MIB, Io.AUTO).build()) {
      cache.put(1L, value(1, 0, 100));
      cache.put(2L, value(2, 0, 100));
      cache.flush();
      cache.invalidate(1L);
      cache.put(2L, value(2, 1, 200));
    }
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB, file(), 16 * MIB, Io.AUTO).build()) {
      assertNull(cache.getIfPresent(1L)); // R2
      assertArrayEquals(value(2, 1, 200), cache.getIfPresent(2L)); // R1
      cache.invalidateAll();
    }
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB, file(), 16 * MIB, Io.AUTO).build()) {
      assertEquals(0, cache.estimatedSize());
      assertNull(cache.getIfPresent(2L));
    }
  }

  @Test
  void everyLiveEntrySurvivesCloseAndReopen() {
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB, file(), 64 * MIB, Io.AUTO).build()) {
      for (long key = 0; key < 3000; key++) {
        cache.put(key, value(key, 0, (int) (key % 700) * 20));
      }
    }
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB, file(), 64 * MIB, Io.AUTO).build()) {
      assertEquals(3000, cache.estimatedSize());
      for (long key = 0; key < 3000; key++) {
        assertArrayEquals(value(key, 0, (int) (key % 700) * 20), cache.getIfPresent(key));
      }
    }
  }

  @Test
  void cleanValuesAreWrittenOnce() {
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB, file(), 64 * MIB, Io.AUTO).build()) {
      for (long key = 0; key < 500; key++) {
        byte[] loaded = cache.get(key, k -> value(k, 0, 10_000));
        assertNotNull(loaded);
      }
      long stored = appended(cache);
      assertEquals(500, stored);
      for (int round = 0; round < 3; round++) {
        for (long key = 0; key < 500; key++) {
          assertArrayEquals(value(key, 0, 10_000), cache.getIfPresent(key));
        }
      }
      cache.flush();
      assertEquals(stored, appended(cache)); // D5
    }
  }

  private static long appended(Carafe<?, ?> cache) {
    var file = cache.tierStats().file();
    return file.stored() + file.buffered();
  }

  @Test
  void scopedReadsAccessTheChunkDuringTheCallOnly() {
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).build()) {
      cache.put(1L, new byte[] {1, 2, 3});
      MemorySegment[] kept = {null};
      Integer sum =
          cache.read(
              1L,
              bytes -> {
                kept[0] = bytes;
                assertEquals(3, bytes.byteSize());
                assertTrue(bytes.isReadOnly());
                return bytes.get(ValueLayout.JAVA_BYTE, 0) + bytes.get(ValueLayout.JAVA_BYTE, 2);
              });
      assertEquals(Integer.valueOf(4), sum);
      assertThrows(IllegalStateException.class, () -> kept[0].get(ValueLayout.JAVA_BYTE, 0)); // M2
      assertNull(cache.read(2L, MemorySegment::byteSize));
    }
  }

  @Test
  void putInPlace() {
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).build()) {
      cache.put(1L, 8, target -> target.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, 42));
      assertEquals(
          Long.valueOf(42), cache.read(1L, b -> b.get(ValueLayout.JAVA_LONG_UNALIGNED, 0)));
      assertThrows(IllegalArgumentException.class, () -> cache.put(1L, -1, target -> {}));
      assertThrows(
          ArithmeticException.class,
          () ->
              cache.put(
                  1L,
                  8,
                  target -> {
                    throw new ArithmeticException("half-way");
                  }));
      assertEquals(
          Long.valueOf(42), cache.read(1L, b -> b.get(ValueLayout.JAVA_LONG_UNALIGNED, 0))); // F4
    }
  }

  @Test
  void bulkOperations() {
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB, file(), 16 * MIB, Io.AUTO).build()) {
      cache.putAll(Map.of(1L, new byte[] {1}, 2L, new byte[] {2}));
      assertEquals(Set.of(1L, 2L), cache.getAllPresent(List.of(1L, 2L, 3L)).keySet());
      AtomicInteger requested = new AtomicInteger();
      Map<Long, byte[]> all =
          cache.getAll(
              List.of(1L, 3L, 4L),
              missing -> {
                requested.addAndGet(missing.size());
                return missing.stream()
                    .collect(Collectors.toMap(key -> key, key -> new byte[] {key.byteValue()}));
              });
      assertEquals(Set.of(1L, 3L, 4L), all.keySet());
      assertEquals(2, requested.get());
      assertArrayEquals(new byte[] {4}, cache.getIfPresent(4L));
      cache.invalidateAll(List.of(1L, 3L));
      assertEquals(Set.of(2L, 4L), cache.asMap().keySet());
    }
  }

  @Test
  void statisticsMatchCaffeine() {
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).recordStats().build()) {
      cache.put(1L, new byte[1]);
      assertNotNull(cache.getIfPresent(1L));
      assertNull(cache.getIfPresent(2L));
      assertNotNull(cache.get(3L, key -> new byte[3]));
      assertEquals(1, cache.stats().hitCount());
      assertEquals(2, cache.stats().missCount());
      assertEquals(1, cache.stats().loadSuccessCount());
      assertTrue(cache.policy().isRecordingStats());
    }
  }

  @Test
  void memoryCountersAddUp() { // B3
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB, file(), 8 * MIB, Io.AUTO).build()) {
      for (long i = 0; i < 4000; i++) {
        cache.put(i % 700, value(i % 700, i, 3000));
        var _ = cache.getIfPresent((i * 31) % 700);
        if (i % 11 == 0) {
          cache.invalidate(i % 350);
        }
      }
      cache.cleanUp();
      Caches.checkCounters(cache);
    }
  }

  @Test
  void builtInCodecsRoundTripThroughTheFile() {
    roundTrip(Codec.utf8(), "grüße, 世界", "a");
    roundTrip(Codec.int64(), Long.MIN_VALUE, 2L);
    roundTrip(Codec.int32(), -5, 6);
    roundTrip(Codec.uuid(), new UUID(1, 2), new UUID(3, 4));
    roundTrip(Codec.of((String s) -> s.getBytes(UTF_8), b -> new String(b, UTF_8)), "x", "y");
  }

  private <T> void roundTrip(Codec<T> codec, T first, T second) {
    FileOptions options = FileOptions.at(file(), 8 * MIB).withRecovery(FileOptions.Recovery.EMPTY);
    try (Carafe<T, T> cache =
        Carafe.newBuilder()
            .<T>keyCodec(codec)
            .<T>valueCodec(codec)
            .memory(MIB)
            .file(options)
            .build()) {
      cache.put(first, second);
      assertEquals(second, cache.getIfPresent(first));
    }
    try (Carafe<T, T> cache =
        Carafe.newBuilder()
            .<T>keyCodec(codec)
            .<T>valueCodec(codec)
            .memory(MIB)
            .file(file(), 8 * MIB)
            .build()) {
      assertEquals(second, cache.getIfPresent(first));
      assertEquals(Set.of(first), cache.asMap().keySet());
    }
  }
}
