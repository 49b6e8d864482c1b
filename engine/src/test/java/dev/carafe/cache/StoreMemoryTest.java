package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static dev.carafe.cache.Stores.assertMessage;
import static dev.carafe.cache.Stores.numbers;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.FileOptions.Io;
import dev.carafe.Lease;
import dev.carafe.base.Together;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The memory of a store grows and shrinks while its caches serve (R3, B1, B4). */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StoreMemoryTest {
  private static final long FILE_BYTES = 64 * MIB;
  private static final int KEYS = 4_000;
  private static final int VALUE_BYTES = 2_000;

  @TempDir Path directory;

  private static long weight(Carafe<?, ?> cache) {
    cache.cleanUp();
    return cache.policy().eviction().orElseThrow().weightedSize().orElseThrow();
  }

  private static long regionBytes(CarafeStore store) {
    return store.memoryUsage().bytesByTag().getOrDefault("regions", -1L);
  }

  private static void fill(Carafe<Long, byte[]> cache, long version) {
    for (int round = 0; round < 3; round++) { // the policy admits a key that it has seen before
      for (long key = 0; key < KEYS; key++) {
        cache.put(key, value(key, version, VALUE_BYTES));
      }
    }
  }

  @Test
  void aSmallerMemoryKeepsWhatFitsAndTheFileTheRest() {
    try (CarafeStore store = Stores.open(directory);
        Carafe<Long, byte[]> reserved =
            store.cache("reserved", Codec.int64(), Codec.bytes()).memory(MIB).build();
        Carafe<Long, byte[]> other = numbers(store, "other")) {
      fill(other, 1);
      for (long key = 0; key < KEYS; key++) {
        reserved.put(key, value(key, 2, 500));
      }
      store.resize(2 * MIB, FILE_BYTES);
      long weights = weight(reserved) + weight(other);
      assertTrue(weights <= Engine.maximumWeightBytes(2 * MIB), weights + " bytes");
      assertTrue(weights > MIB, weights + " bytes");
      assertEquals(2 * MIB, regionBytes(store));
      assertTrue(store.memoryUsage().chunkBytes() <= 2 * MIB, () -> store.memoryUsage().toString());
      for (long key = 0; key < KEYS; key++) {
        assertArrayEquals(value(key, 1, VALUE_BYTES), other.getIfPresent(key));
        assertArrayEquals(value(key, 2, 500), reserved.getIfPresent(key));
      }
    }
  }

  @Test
  void aLargerMemoryIsUsed() {
    try (CarafeStore store = Stores.open(directory);
        Carafe<Long, byte[]> cache = numbers(store, "a")) {
      store.resize(16 * MIB, FILE_BYTES);
      fill(cache, 1);
      assertTrue(weight(cache) >= (long) KEYS * VALUE_BYTES, () -> weight(cache) + " bytes");
      assertEquals(16 * MIB, regionBytes(store));
    }
  }

  @Test
  void wrongCapacitiesChangeNothing() { // F4
    try (CarafeStore store = Stores.open(directory);
        Carafe<Long, byte[]> reserved =
            store.cache("reserved", Codec.int64(), Codec.bytes()).memory(MIB).build()) {
      assertNotNull(reserved);
      for (long wrong : new long[] {-1, 0, 16 * 1024 - 1, Long.MAX_VALUE}) {
        assertMessage(
            "memoryBytes is " + wrong,
            assertThrows(IllegalArgumentException.class, () -> store.resize(wrong, FILE_BYTES)));
      }
      assertMessage(
          "reserved",
          assertThrows(IllegalArgumentException.class, () -> store.resize(MIB / 2, FILE_BYTES)));
      assertEquals(4 * MIB, regionBytes(store));
      reserved.put(1L, value(1, 1, VALUE_BYTES));
      assertArrayEquals(value(1, 1, VALUE_BYTES), reserved.getIfPresent(1L));
    }
  }

  /** A value that no longer fits goes to the file. */
  @Test
  void valuesThatExceedTheNewMemoryAreStoredInTheFile() {
    try (CarafeStore store = Stores.open(directory);
        Carafe<Long, byte[]> cache = numbers(store, "a")) {
      byte[] large = value(1, 1, 700 * 1024); // longer than the memory will be
      cache.put(1L, large);
      store.resize(MIB / 2, FILE_BYTES);
      assertArrayEquals(large, cache.getIfPresent(1L));
      cache.put(2L, large);
      assertArrayEquals(large, cache.getIfPresent(2L));
      store.resize(4 * MIB, FILE_BYTES);
      assertArrayEquals(large, cache.getIfPresent(1L));
    }
  }

  @Test
  void aLeaseOutlivesItsMemory() {
    try (CarafeStore store = Stores.open(directory);
        Carafe<Long, byte[]> cache = numbers(store, "a")) {
      fill(cache, 1);
      try (Lease lease = cache.lease(KEYS - 1L)) {
        assertNotNull(lease);
        store.resize(MIB / 4, FILE_BYTES);
        fill(cache, 2);
        assertArrayEquals(
            value(KEYS - 1L, 1, VALUE_BYTES), lease.segment().toArray(ValueLayout.JAVA_BYTE));
      }
      store.resize(4 * MIB, FILE_BYTES);
      assertArrayEquals(value(KEYS - 1L, 2, VALUE_BYTES), cache.getIfPresent(KEYS - 1L));
    }
  }

  /** Registered buffers follow, and values read from the file land in memory that is registered. */
  @ParameterizedTest
  @EnumSource(Io.class)
  void threadsReadAndWriteMeanwhile(Io io) throws Exception {
    Io usable = UsableDevices.usable(io);
    long seed = 7;
    AtomicInteger running = new AtomicInteger(2);
    try (CarafeStore store = Stores.open(directory, usable);
        Carafe<Long, byte[]> cache = numbers(store, "a")) {
      fill(cache, 0);
      Together.platform(
          3,
          me -> {
            SplittableRandom random = new SplittableRandom(seed * 10 + me);
            if (me == 0) {
              while (running.get() > 0) {
                store.resize((1 + random.nextInt(16)) * MIB, FILE_BYTES);
              }
              return;
            }
            try {
              for (int i = 0; i < 4_000; i++) {
                long key = random.nextInt(KEYS / 2) * 2L + me - 1; // each thread has its own keys
                if (random.nextInt(4) == 0) {
                  cache.put(key, value(key, i, VALUE_BYTES));
                  assertArrayEquals(value(key, i, VALUE_BYTES), cache.getIfPresent(key));
                } else {
                  assertNotNull(cache.getIfPresent(key), () -> key + ", seed " + seed);
                }
              }
            } finally {
              running.getAndDecrement();
            }
          });
      store.resize(2 * MIB, FILE_BYTES);
      assertEquals(2 * MIB, regionBytes(store));
      for (long key = 0; key < KEYS; key++) {
        assertNotNull(cache.getIfPresent(key));
      }
    }
  }
}
