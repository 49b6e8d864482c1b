package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.Expiry;
import dev.carafe.Carafe;
import dev.carafe.Codec;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * A cache of few entries uses the table of recent reads while all of them fit, and drops it when it
 * evicts, so that its policy gets each read (docs/decisions/0002).
 */
final class SmallCacheReadsTest {
  private static final int KEYS = 100;
  private static final int MAX_ROUNDS = 1_000;

  private static byte[] value(long key, int version) {
    byte[] value = new byte[1024];
    value[0] = (byte) key;
    value[1] = (byte) version;
    return value;
  }

  private static void putAll(Carafe<Long, byte[]> cache, int version) {
    for (long key = 0; key < KEYS; key++) {
      cache.put(key, value(key, version));
    }
  }

  private static void checkAll(Carafe<Long, byte[]> cache, int version) {
    for (long key = 0; key < KEYS; key++) {
      assertArrayEquals(value(key, version), cache.getIfPresent(key));
    }
  }

  private static long tableBytes(Carafe<Long, byte[]> cache) {
    return cache.memoryUsage().bytesByTag().getOrDefault("recentReads", -1L);
  }

  private static void readUntilTable(Carafe<Long, byte[]> cache, int version) {
    for (int round = 0; tableBytes(cache) == 0; round++) {
      assertTrue(round < MAX_ROUNDS, "the cache uses no table");
      checkAll(cache, version);
    }
  }

  @Test
  void theTableIsUsedWhileAllEntriesFit() {
    try (Carafe<Long, byte[]> cache =
        Carafe.newBuilder()
            .keyCodec(Codec.int64())
            .valueCodec(Codec.bytes())
            .memory(1 << 20)
            .executor(Runnable::run)
            .build()) {
      putAll(cache, 0);
      readUntilTable(cache, 0);
      for (int version = 1; version < 10; version++) {
        checkAll(cache, version - 1);
        putAll(cache, version);
        checkAll(cache, version);
      }
      assertTrue(tableBytes(cache) > 0);
      for (long key = KEYS; key < 20 * KEYS; key++) {
        cache.put(key, value(key, 0));
      }
      assertEquals(0, tableBytes(cache), "it evicts");
      cache.invalidateAll();
      cache.cleanUp();
      putAll(cache, 20);
      readUntilTable(cache, 20);
      checkAll(cache, 20);
    }
  }

  /** An expired entry was not evicted for want of memory. */
  @Test
  void theTableIsUsedAfterEntriesHaveExpired() {
    AtomicLong ticks = new AtomicLong();
    Expiry<Long, byte[]> expiry =
        Expiry.writing((key, value) -> Duration.ofSeconds(key == 0 ? 1 : 3_600));
    try (Carafe<Long, byte[]> cache =
        Carafe.newBuilder()
            .keyCodec(Codec.int64())
            .valueCodec(Codec.bytes())
            .memory(1 << 20)
            .executor(Runnable::run)
            .ticker(ticks::get)
            .expireAfter(expiry)
            .build()) {
      putAll(cache, 0);
      readUntilTable(cache, 0);
      ticks.addAndGet(TimeUnit.SECONDS.toNanos(2));
      cache.cleanUp();
      assertNull(cache.getIfPresent(0L));
      assertEquals(KEYS - 1, cache.estimatedSize());
      assertTrue(tableBytes(cache) > 0, "it does not evict");
    }
  }
}
