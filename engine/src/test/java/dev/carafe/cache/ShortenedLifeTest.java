package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.github.benmanes.caffeine.cache.Expiry;
import dev.carafe.Carafe;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The lifetime of a value that the file holds is shortened. The record, which expires later, is not
 * read after the value has expired, nor after a restart (contract R6).
 */
@Timeout(60)
class ShortenedLifeTest {
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  @TempDir private Path directory;
  private final AtomicLong now = new AtomicLong();
  private volatile boolean shortening;

  private Carafe<Long, byte[]> open() {
    return Caches.builder(1 << 20)
        .file(directory.resolve("c.carafe"), 16 << 20)
        .ticker(now::get)
        .expireAfter(
            new Expiry<Long, byte[]>() {
              @Override
              public long expireAfterCreate(Long key, byte[] value, long currentTime) {
                return HOUR;
              }

              @Override
              public long expireAfterUpdate(
                  Long key, byte[] value, long currentTime, long currentDuration) {
                return currentDuration;
              }

              @Override
              public long expireAfterRead(
                  Long key, byte[] value, long currentTime, long currentDuration) {
                return shortening ? SECOND : currentDuration;
              }
            })
        .build();
  }

  /** Shortens the life of a key's value. */
  private interface Shortening {
    void shorten(Carafe<Long, byte[]> cache, long key);
  }

  private static void byPolicy(Carafe<Long, byte[]> cache, long key) {
    cache.policy().expireVariably().orElseThrow().setExpiresAfter(key, Duration.ofSeconds(1));
  }

  private void byRead(Carafe<Long, byte[]> cache, long key) {
    shortening = true;
    assertNotNull(cache.getIfPresent(key));
    shortening = false;
  }

  private void expires(Shortening how) {
    try (Carafe<Long, byte[]> cache = open()) {
      cache.put(1L, new byte[100]);
      cache.put(2L, new byte[100]);
      cache.put(3L, new byte[100]);
      cache.flush();
      how.shorten(cache, 1);
      how.shorten(cache, 2);
      now.addAndGet(2 * SECOND);
      assertNull(cache.getIfPresent(1L));
      assertNull(cache.getIfPresent(1L));
      assertEquals(false, cache.asMap().containsKey(1L));
      assertNotNull(cache.getIfPresent(3L));
    }
    try (Carafe<Long, byte[]> cache = open()) {
      assertNull(cache.getIfPresent(1L));
      assertNull(cache.getIfPresent(2L), "expired before the cache was closed");
      assertNotNull(cache.getIfPresent(3L));
    }
  }

  @Test
  void byThePolicy() {
    expires(ShortenedLifeTest::byPolicy);
  }

  @Test
  void byARead() {
    expires(this::byRead);
  }

  @Test
  void byAReadFromTheFile() {
    try (Carafe<Long, byte[]> cache = open()) {
      cache.put(1L, new byte[100]);
      cache.put(3L, new byte[100]);
    }
    try (Carafe<Long, byte[]> cache = open()) {
      byRead(cache, 1);
      now.addAndGet(2 * SECOND);
      assertNull(cache.getIfPresent(1L));
      assertNotNull(cache.getIfPresent(3L));
    }
    try (Carafe<Long, byte[]> cache = open()) {
      assertNull(cache.getIfPresent(1L));
      assertNotNull(cache.getIfPresent(3L));
    }
  }

  @Test
  void liveShortenedValuesSurviveARestart() {
    try (Carafe<Long, byte[]> cache = open()) {
      cache.put(1L, new byte[100]);
      cache.flush();
      cache.policy().expireVariably().orElseThrow().setExpiresAfter(1L, Duration.ofMinutes(10));
    }
    try (Carafe<Long, byte[]> cache = open()) {
      assertNotNull(cache.getIfPresent(1L));
      long left =
          cache
              .policy()
              .expireVariably()
              .orElseThrow()
              .getExpiresAfter(1L, TimeUnit.SECONDS)
              .orElseThrow();
      assertEquals(true, left <= 600, left + " s are left");
    }
  }
}
