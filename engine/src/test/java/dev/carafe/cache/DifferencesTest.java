package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.carafe.AsyncCarafe;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.FileOptions.Io;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Differences from Caffeine, as the table in docs/INTEGRATIONS.md lists them. {@link
 * RemovalListenerTest} tests those of listeners.
 */
final class DifferencesTest {
  private static final int KEYS = 300; // three times what memory holds

  @TempDir Path directory;
  private final AtomicLong clock = new AtomicLong(System.nanoTime());
  private final Cache<Long, byte[]> caffeine =
      Caffeine.newBuilder()
          .expireAfterWrite(Duration.ofMinutes(10))
          .ticker(clock::get)
          .recordStats()
          .build();

  private CarafeBuilder<Long, byte[]> builder() {
    return Caches.builder(MIB, directory.resolve("c"), 16 * MIB, Io.AUTO)
        .executor(Runnable::run)
        .ticker(clock::get)
        .recordStats();
  }

  private static void fill(Cache<Long, byte[]> cache) {
    for (long key = 0; key < KEYS; key++) {
      cache.put(key, value(key, 0, 10_000));
    }
  }

  @Test
  void readsDecodeTheValue() {
    byte[] value = new byte[10];
    caffeine.put(1L, value);
    assertSame(value, caffeine.getIfPresent(1L));
    try (Carafe<Long, byte[]> cache = builder().build()) {
      cache.put(1L, value);
      assertArrayEquals(value, cache.getIfPresent(1L));
      assertNotSame(value, cache.getIfPresent(1L));
    }
  }

  @Test
  void setExpiresAfterAppliesToLaterWrites() {
    caffeine.put(1L, new byte[1]);
    caffeine.policy().expireAfterWrite().orElseThrow().setExpiresAfter(Duration.ofMinutes(1));
    try (Carafe<Long, byte[]> cache = builder().expireAfterWrite(Duration.ofMinutes(10)).build()) {
      cache.put(1L, new byte[1]);
      cache.policy().expireAfterWrite().orElseThrow().setExpiresAfter(Duration.ofMinutes(1));
      cache.put(2L, new byte[1]);
      clock.addAndGet(Duration.ofMinutes(2).toNanos());
      assertNull(caffeine.getIfPresent(1L));
      assertNotNull(cache.getIfPresent(1L));
      assertNull(cache.getIfPresent(2L));
    }
  }

  @Test
  void expiriesCanNotBeCombined() {
    assertThrows(
        IllegalStateException.class,
        () -> builder().expireAfterWrite(Duration.ofDays(1)).expireAfterAccess(Duration.ofDays(1)));
  }

  @Test
  void evictionPolicyCoversMemory() {
    assertTrue(caffeine.policy().eviction().isEmpty());
    try (Carafe<Long, byte[]> cache = builder().build()) {
      fill(cache);
      cache.cleanUp();
      var eviction = cache.policy().eviction().orElseThrow();
      assertTrue(eviction.isWeighted());
      assertTrue(eviction.getMaximum() <= MIB);
      assertTrue(eviction.weightedSize().orElseThrow() <= MIB);
      assertEquals(KEYS, cache.estimatedSize()); // of both tiers
      assertTrue(eviction.coldest(KEYS).size() < KEYS / 2);
      eviction.setMaximum(Long.MAX_VALUE);
      assertEquals(MIB, eviction.getMaximum()); // memory was bounded when it was opened
      long onFileOnly =
          cache.asMap().keySet().stream().filter(key -> eviction.weightOf(key).isEmpty()).count();
      assertTrue(onFileOnly > KEYS / 2, () -> onFileOnly + " have no weight");
    }
  }

  @Test
  void snapshotsAreImmutable() {
    caffeine.put(1L, new byte[1]);
    try (Carafe<Long, byte[]> cache = builder().build()) {
      cache.put(1L, new byte[1]);
      for (Cache<Long, byte[]> each : List.of(caffeine, cache)) {
        var entry = each.policy().getEntryIfPresentQuietly(1L);
        assertNotNull(entry);
        assertThrows(UnsupportedOperationException.class, () -> entry.setValue(new byte[2]));
      }
    }
  }

  @Test
  void absentTimesDoNotOverflow() {
    try (Carafe<Long, byte[]> cache = builder().expireAfterWrite(Duration.ofMinutes(1)).build()) {
      cache.put(1L, new byte[1]);
      caffeine.put(1L, new byte[1]);
      var entry = cache.policy().getEntryIfPresentQuietly(1L);
      var caffeines = caffeine.policy().getEntryIfPresentQuietly(1L);
      assertNotNull(entry);
      assertNotNull(caffeines);
      assertEquals(Long.MAX_VALUE, entry.refreshableAt());
      assertEquals(caffeines.refreshableAfter(), entry.refreshableAfter());
      assertEquals(Duration.ofMinutes(1), entry.expiresAfter());
    }
  }

  @Test
  void recordsThatExpireWithTheirExtentAreNoEvictions() {
    try (Carafe<Long, byte[]> cache = builder().expireAfterWrite(Duration.ofMinutes(1)).build()) {
      for (long key = 0; key < 1_000; key++) {
        cache.put(key, value(key, 0, 10_000));
      }
      cache.flush();
      clock.addAndGet(Duration.ofMinutes(2).toNanos());
      for (long key = 10_000; key < 11_000; key++) {
        cache.put(key, value(key, 0, 10_000));
      }
      cache.flush();
      var file = cache.tierStats().file();
      assertTrue(file.expired() > 100, file::toString);
      assertTrue(cache.stats().evictionCount() < file.expired(), () -> cache.stats().toString());
    }
  }

  @Test
  void asynchronousBulkLoadsCountOnce() {
    AsyncCache<Long, byte[]> theirs =
        Caffeine.newBuilder().executor(Runnable::run).recordStats().buildAsync();
    try (AsyncCarafe<Long, byte[]> ours = builder().buildAsync()) {
      for (AsyncCache<Long, byte[]> each : List.of(theirs, ours)) {
        assertEquals(3, each.getAll(List.of(1L, 2L, 3L), DifferencesTest::load).join().size());
      }
      assertEquals(1, theirs.synchronous().stats().loadSuccessCount());
      assertEquals(1, ours.synchronous().stats().loadSuccessCount());
    }
  }

  private static Map<Long, byte[]> load(Set<? extends Long> keys) {
    Map<Long, byte[]> loaded = new HashMap<>();
    keys.forEach(key -> loaded.put(key, new byte[1]));
    return loaded;
  }

  @Test
  void futuresOfTheFileMayCompleteWithNull() {
    try (AsyncCarafe<Long, byte[]> cache =
        builder().expireAfterWrite(Duration.ofMinutes(1)).buildAsync()) {
      fill(cache.synchronous());
      clock.addAndGet(Duration.ofMinutes(2).toNanos());
      int underWay = 0;
      for (long key = 0; key < KEYS; key++) {
        CompletableFuture<byte[]> future = cache.getIfPresent(key);
        if (future != null) {
          underWay++;
          assertNull(future.join());
        }
      }
      assertTrue(underWay > 0);
    }
  }

  @Test
  void eachCallerGetsItsOwnCompletedFuture() {
    try (AsyncCarafe<Long, byte[]> cache = builder().buildAsync()) {
      CompletableFuture<byte[]> put = CompletableFuture.completedFuture(new byte[3]);
      cache.put(1L, put);
      assertNotSame(cache.getIfPresent(1L), cache.getIfPresent(1L));
      assertTrue(cache.asMap().remove(1L, CompletableFuture.completedFuture(new byte[3])));
    }
  }

  @Test
  void closedCacheThrows() {
    Carafe<Long, byte[]> cache = builder().build();
    cache.close();
    assertThrows(IllegalStateException.class, () -> cache.getIfPresent(1L));
    assertThrows(IllegalStateException.class, () -> cache.asMap().putIfAbsent(1L, new byte[1]));
  }
}
