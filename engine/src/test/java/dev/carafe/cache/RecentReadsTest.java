package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.Lease;
import dev.carafe.base.Together;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Reads from the table of recent reads. A value is never older than one that an earlier read
 * returned or an earlier put wrote (contract R1, R2, R4).
 */
@Timeout(120)
@SmallRecentReads
final class RecentReadsTest {
  private static final int KEYS = 64;
  private static final int ROUNDS = 40_000;

  private static Carafe<Long, Long> open(long memoryBytes) {
    return open(memoryBytes, null);
  }

  private static Carafe<Long, Long> open(long memoryBytes, @Nullable Duration lifetime) {
    CarafeBuilder<Long, Long> builder =
        Carafe.newBuilder().keyCodec(Codec.int64()).valueCodec(Codec.int64()).memory(memoryBytes);
    return (lifetime == null ? builder : builder.expireAfterWrite(lifetime)).build();
  }

  @Test
  void overwrittenAndRemovedValuesAreNotFound() {
    try (Carafe<Long, Long> cache = open(1 << 20)) {
      for (long key = 0; key < KEYS; key++) {
        cache.put(key, 0L);
      }
      for (long version = 1; version < 100; version++) {
        for (long key = 0; key < KEYS; key++) {
          assertEquals(version - 1, cache.getIfPresent(key));
          assertEquals(version - 1, cache.getIfPresent(key));
          cache.put(key, version);
          assertEquals(version, cache.getIfPresent(key));
        }
      }
      for (long key = 0; key < KEYS; key++) {
        assertNotNull(cache.getIfPresent(key));
        cache.invalidate(key);
        assertNull(cache.getIfPresent(key));
      }
      cache.put(1L, 7L);
      assertEquals(7, cache.getIfPresent(1L));
      cache.invalidateAll();
      assertNull(cache.getIfPresent(1L));
    }
  }

  /** A lease keeps the chunk of an evicted entry. The table must not contain its key. */
  @Test
  void evictedLeasedValuesAreNotFound() {
    try (Carafe<Long, Long> cache = open(16 * 1024)) {
      cache.put(0L, 7L);
      cache.put(1L, 1L);
      for (int round = 0; round < 200; round++) { // so that the table contains the key
        assertEquals(7, cache.getIfPresent(0L));
      }
      try (Lease lease = cache.lease(0L)) {
        assertNotNull(lease);
        for (long key = 2; cache.asMap().containsKey(0L); key++) {
          cache.put(key, key);
          assertNotNull(cache.getIfPresent(key));
          assertNotNull(cache.getIfPresent(key));
          assertTrue(key < 1_000_000, "it was not evicted");
        }
        assertNull(cache.getIfPresent(0L));
        cache.put(0L, 8L);
        assertEquals(8, cache.getIfPresent(0L));
        assertEquals(8, cache.getIfPresent(0L));
      }
    }
  }

  /** An entry that is overwritten in a period stays in the table of recent reads. */
  @Test
  void overwrittenKeysStayInTheTable() {
    AtomicLong lookups = new AtomicLong(); // of a read: one in the table, more in the index
    HashHookKey[] keys = new HashHookKey[KEYS];
    Arrays.setAll(keys, number -> new HashHookKey(number, lookups::incrementAndGet));
    try (Carafe<HashHookKey, Long> cache =
        Carafe.newBuilder()
            .keyCodec(HashHookKey.codec())
            .valueCodec(Codec.int64())
            .memory(1 << 20)
            .build()) {
      for (HashHookKey key : keys) {
        cache.put(key, 0L);
      }
      for (int round = 0; round < 20; round++) { // periods get longer: the last ends later
        for (HashHookKey key : keys) {
          assertEquals(0L, cache.getIfPresent(key));
        }
      }
      HashHookKey key = keys[1];
      for (long version = 1; version <= 10; version++) {
        cache.put(key, version);
        long before = lookups.get();
        assertEquals(version, cache.getIfPresent(key));
        assertEquals(1, lookups.get() - before, "lookups after write " + version);
      }
    }
  }

  /** With memory for all entries, and with less, so that entries are evicted throughout. */
  @ParameterizedTest
  @CsvSource({"1048576,", "16384,", "1048576, PT1H", "16384, PT1H", "1048576, PT0.2S"})
  void readsAreMonotonic(long memoryBytes, @Nullable Duration lifetime) throws Exception {
    AtomicLongArray seen = new AtomicLongArray(KEYS); // by any read, or put and returned
    AtomicBoolean done = new AtomicBoolean();
    AtomicLong hits = new AtomicLong();
    try (Carafe<Long, Long> cache = open(memoryBytes, lifetime)) {
      Together.platform(
          3,
          number -> {
            if (number == 0) {
              write(cache, seen);
              done.set(true);
            } else {
              hits.addAndGet(readUntil(done, cache, seen, number));
            }
          });
      assertTrue(hits.get() > 0, "nothing was read");
    }
  }

  private static void write(Carafe<Long, Long> cache, AtomicLongArray seen) {
    for (int round = 1; round <= ROUNDS; round++) {
      int key = round * 7 % KEYS;
      cache.put((long) key, (long) round);
      seen.accumulateAndGet(key, round, Math::max);
      if (round % 5 == 0) {
        cache.invalidate((long) key);
        assertNull(cache.getIfPresent((long) key), "it came back");
      }
    }
  }

  private static long readUntil(
      AtomicBoolean done, Carafe<Long, Long> cache, AtomicLongArray seen, int seed) {
    long hits = 0;
    for (int i = seed; !done.get(); i++) {
      int key = ((i * 0x9E3779B9) >>> 8) % (KEYS / 4) * 4; // few, so that they are read again
      long before = seen.get(key);
      Long value = cache.getIfPresent((long) key);
      if (value != null) {
        hits++;
        assertTrue(value >= before, () -> value + " after " + before + " had been seen");
        seen.accumulateAndGet(key, value, Math::max);
      }
    }
    return hits;
  }
}
