package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.github.benmanes.caffeine.cache.Expiry;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.FileOptions.Io;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Expiry in both tiers, with a ticker of the test (contract R6). */
final class ExpiryTest {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  @TempDir Path directory;
  private final AtomicLong clock = new AtomicLong(System.nanoTime());

  private CarafeBuilder<Long, byte[]> builder() {
    return Caches.builder(MIB, directory.resolve("c"), 16 * MIB, Io.AUTO).ticker(clock::get);
  }

  @Test
  void afterWriteInBothTiers() {
    try (Carafe<Long, byte[]> cache = builder().expireAfterWrite(Duration.ofMinutes(10)).build()) {
      for (long key = 0; key < 200; key++) { // twice what memory holds
        cache.put(key, value(key, 0, 10_000));
      }
      clock.addAndGet(9 * MINUTE);
      for (long key = 0; key < 200; key++) {
        assertArrayEquals(value(key, 0, 10_000), cache.getIfPresent(key));
      }
      cache.put(0L, value(0, 1, 10));
      clock.addAndGet(2 * MINUTE);
      assertArrayEquals(value(0, 1, 10), cache.getIfPresent(0L));
      for (long key = 1; key < 200; key++) {
        assertNull(cache.getIfPresent(key));
      }
    }
  }

  @Test
  void afterAccessIsRenewedByReads() {
    try (Carafe<Long, byte[]> cache = builder().expireAfterAccess(Duration.ofMinutes(10)).build()) {
      cache.put(1L, new byte[1]);
      cache.put(2L, new byte[1]);
      clock.addAndGet(8 * MINUTE);
      assertNotNull(cache.getIfPresent(1L));
      clock.addAndGet(8 * MINUTE);
      assertNotNull(cache.getIfPresent(1L));
      assertNull(cache.getIfPresent(2L));
    }
  }

  @Test
  void variableExpiry() {
    Expiry<Long, byte[]> bySize = Expiry.creating((key, v) -> Duration.ofMinutes(v.length));
    try (Carafe<Long, byte[]> cache = builder().expireAfter(bySize).build()) {
      cache.put(1L, new byte[1]);
      cache.put(5L, new byte[5]);
      clock.addAndGet(2 * MINUTE);
      assertNull(cache.getIfPresent(1L));
      assertNotNull(cache.getIfPresent(5L));
    }
  }

  @Test
  void expirySurvivesARestart() {
    try (Carafe<Long, byte[]> cache =
        Caches.builder(MIB, directory.resolve("c"), 16 * MIB, Io.AUTO)
            .expireAfterWrite(Duration.ofDays(1))
            .build()) {
      cache.put(1L, new byte[1]);
    }
    // reopened by a clock that is two days ahead of the wall clock from the second reading on
    AtomicLong late = new AtomicLong(0);
    try (Carafe<Long, byte[]> cache =
        Caches.builder(MIB, directory.resolve("c"), 16 * MIB, Io.AUTO)
            .ticker(late::get)
            .expireAfterWrite(Duration.ofDays(1))
            .build()) {
      assertNotNull(cache.getIfPresent(1L));
      late.set(Duration.ofDays(2).toNanos());
      assertNull(cache.getIfPresent(1L));
    }
  }
}
