package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.FileOptions.Io;
import dev.carafe.LoadingCarafe;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Expiry, refresh and bulk loads over both tiers, with a ticker of the test. */
final class PoliciesTest {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  @TempDir Path directory;
  private final AtomicLong clock = new AtomicLong(System.nanoTime());

  private CarafeBuilder<Long, byte[]> builder() {
    return Caches.builder(MIB, directory.resolve("c"), 16 * MIB, Io.CHANNEL)
        .executor(Runnable::run)
        .ticker(clock::get);
  }

  @Test
  void variableExpiryInBothTiersAndAfterARestart() {
    Expiry<Long, byte[]> expiry = Expiry.writing((key, v) -> Duration.ofMinutes(60));
    try (Carafe<Long, byte[]> cache = builder().expireAfter(expiry).build()) {
      Policy.VarExpiration<Long, byte[]> policy = cache.policy().expireVariably().orElseThrow();
      for (long key = 0; key < 300; key++) {
        assertNull(policy.put(key, value(key, 0, 10_000), Duration.ofMinutes(key + 1)));
      }
      assertArrayEquals(
          value(7, 0, 10_000), policy.putIfAbsent(7L, new byte[1], Duration.ofMinutes(1)));
      assertEquals(Duration.ofMinutes(8), policy.getExpiresAfter(7L).orElseThrow());
      policy.setExpiresAfter(0L, Duration.ofMinutes(100));
      policy.setExpiresAfter(299L, Duration.ofMinutes(1));
      assertEquals(List.of(1L, 299L), first(policy.oldest(3), 2));
      clock.addAndGet(50 * MINUTE);
      assertNotNull(cache.getIfPresent(0L));
      assertNull(cache.getIfPresent(49L));
      assertNotNull(cache.getIfPresent(50L));
      assertNull(cache.getIfPresent(299L));
      assertTrue(cache.policy().expireAfterWrite().isEmpty());
    }
    clock.set(System.nanoTime());
    try (Carafe<Long, byte[]> cache = builder().expireAfter(expiry).build()) {
      clock.addAndGet(90 * MINUTE);
      assertNull(cache.getIfPresent(80L));
      assertNotNull(cache.getIfPresent(200L));
    }
  }

  private static List<Long> first(Map<Long, byte[]> ordered, int count) {
    return ordered.keySet().stream().limit(count).sorted().toList();
  }

  @Test
  void readsFromTheFileRenewTheAccessExpiry() {
    try (Carafe<Long, byte[]> cache = builder().expireAfterAccess(Duration.ofMinutes(10)).build()) {
      for (long key = 0; key < 300; key++) {
        cache.put(key, value(key, 0, 10_000));
      }
      for (int round = 0; round < 3; round++) {
        clock.addAndGet(8 * MINUTE);
        for (long key = 0; key < 300; key++) {
          assertNotNull(cache.getIfPresent(key), "key " + key + " in round " + round);
        }
      }
      clock.addAndGet(11 * MINUTE);
      assertNull(cache.getIfPresent(1L));
    }
  }

  @Test
  void readsRefreshOldValuesOnceAndAfterARestart() {
    AtomicInteger loads = new AtomicInteger();
    List<CompletableFuture<byte[]>> reloads = new ArrayList<>();
    CacheLoader<Long, byte[]> loader =
        new CacheLoader<>() {
          @Override
          public byte[] load(Long key) {
            return new byte[] {(byte) loads.incrementAndGet()};
          }

          @Override
          public CompletableFuture<byte[]> asyncReload(Long key, byte[] old, Executor executor) {
            CompletableFuture<byte[]> reload = new CompletableFuture<>();
            reloads.add(reload);
            return reload;
          }
        };
    try (LoadingCarafe<Long, byte[]> cache =
        builder().refreshAfterWrite(Duration.ofMinutes(10)).build(loader)) {
      assertArrayEquals(new byte[] {1}, cache.get(1L));
      clock.addAndGet(9 * MINUTE);
      assertArrayEquals(new byte[] {1}, cache.get(1L));
      assertEquals(0, reloads.size());
      clock.addAndGet(2 * MINUTE);
      assertArrayEquals(new byte[] {1}, cache.get(1L)); // the old one, at once
      assertArrayEquals(new byte[] {1}, cache.getIfPresent(1L));
      assertEquals(1, reloads.size());
      assertEquals(Set.of(1L), cache.policy().refreshes().keySet());
      assertSame(cache.policy().refreshes().get(1L), cache.refresh(1L));
      reloads.get(0).complete(new byte[] {9});
      assertArrayEquals(new byte[] {9}, cache.get(1L));
      assertEquals(Map.of(), cache.policy().refreshes());
      clock.addAndGet(11 * MINUTE);
      assertArrayEquals(new byte[] {9}, cache.get(1L));
      cache.put(1L, new byte[] {5}); // newer than the refresh under way
      reloads.get(1).complete(new byte[] {6});
      assertArrayEquals(new byte[] {5}, cache.get(1L));
    }
    clock.set(System.nanoTime());
    try (LoadingCarafe<Long, byte[]> cache =
        builder().refreshAfterWrite(Duration.ofMinutes(10)).build(loader)) {
      clock.addAndGet(40 * MINUTE);
      assertArrayEquals(new byte[] {5}, cache.get(1L));
      assertEquals(3, reloads.size()); // its age came from the file
    }
  }

  @Test
  void bulkLoadCallsTheLoaderOnce() {
    List<Set<Long>> requested = new ArrayList<>();
    CacheLoader<Long, byte[]> loader =
        CacheLoader.bulk(keys -> {
          requested.add(new HashSet<>(keys));
          Map<Long, byte[]> loaded = new HashMap<>();
          keys.forEach(key -> loaded.put(key, value(key, 3, 10)));
          return loaded;
        });
    try (LoadingCarafe<Long, byte[]> cache = builder().recordStats().build(loader)) {
      for (long key = 0; key < 300; key++) {
        cache.put(key, value(key, 0, 10_000));
      }
      List<Long> keys = LongStream.range(0, 310).boxed().toList();
      Map<Long, byte[]> all = cache.getAll(keys);
      assertEquals(keys, List.copyOf(all.keySet()));
      assertArrayEquals(value(5, 0, 10_000), all.get(5L));
      assertArrayEquals(value(305, 3, 10), all.get(305L));
      assertEquals(1, requested.size());
      assertEquals(10, requested.get(0).size());
      assertEquals(300, cache.stats().hitCount());
      assertEquals(10, cache.stats().missCount());
      assertEquals(1, cache.stats().loadSuccessCount());
    }
  }

  @Test
  void extentsOfExpiredRecordsAreFreedWithoutReads() {
    try (Carafe<Long, byte[]> cache = builder().expireAfterWrite(Duration.ofMinutes(1)).build()) {
      for (long key = 0; key < 1_000; key++) { // most of the file
        cache.put(key, value(key, 0, 10_000));
      }
      cache.flush();
      clock.addAndGet(2 * MINUTE);
      long read = cache.tierStats().file().bytesRead();
      for (long key = 10_000; key < 11_000; key++) { // more than the file's capacity
        cache.put(key, value(key, 0, 10_000));
      }
      cache.flush();
      assertEquals(read, cache.tierStats().file().bytesRead());
      assertTrue(cache.tierStats().file().expired() > 100, cache.tierStats()::toString);
      assertEquals(0, cache.tierStats().file().reclaimed());
    }
  }
}
