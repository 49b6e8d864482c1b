package dev.carafe.jcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.Health;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A manager whose caches share one store: one file and one memory. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class JCacheStoreTest extends ManagerOverStore {
  /** Neither the application nor its configuration names a cache. */
  @Test
  void aMissingCacheIsCreatedIfTheStoreSaysSo() {
    Properties properties = store();
    properties.setProperty("carafe.store.createMissing", "true");
    properties.setProperty("carafe.default.statistics", "true");
    for (int run = 0; run < 2; run++) {
      try (CacheManager caches = manager(properties)) {
        Cache<String, String> typed = caches.getCache("typed", String.class, String.class);
        Cache<Object, Object> untyped = caches.getCache("untyped");
        assertEquals(run == 0 ? null : "1", typed.get("a"));
        assertEquals(run == 0 ? null : "2", untyped.get("a"));
        typed.put("a", "1");
        untyped.put("a", "2");
        assertEquals(typed, caches.getCache("typed"));
        assertEquals(Set.of("typed", "untyped"), names(caches));
        var own = (CarafeJCache<String, String>) typed;
        assertTrue(own.parts().configuration().isStatisticsEnabled());
        assertThrows(
            ClassCastException.class, () -> caches.getCache("typed", Long.class, String.class));
      }
    }
    try (CacheManager caches = manager()) {
      assertNull(caches.getCache("typed"));
      assertEquals("1", caches.createCache("typed", typed(String.class, String.class)).get("a"));
    }
  }

  @Test
  void closingTheManagerClosesTheStore() {
    CarafeStore store;
    Cache<String, String> cache;
    try (CacheManager caches = manager()) {
      store = caches.unwrap(CarafeStore.class);
      cache = caches.createCache("c", typed(String.class, String.class));
      cache.put("a", "1");
      assertEquals(Set.of("c"), store.tierStatsByCache().keySet());
      cache.close();
      assertThrows(IllegalStateException.class, () -> cache.get("a"));
      assertEquals("1", caches.createCache("c", typed(String.class, String.class)).get("a"));
    }
    assertEquals(Health.State.CLOSED, store.health().memory().state());
    try (CacheManager caches = manager()) {
      assertThrows(IllegalStateException.class, () -> cache.get("a"));
      assertThrows(IllegalArgumentException.class, () -> caches.unwrap(Carafe.class));
    }
    Properties none = new Properties();
    try (CacheManager caches = manager(none)) {
      assertThrows(IllegalArgumentException.class, () -> caches.unwrap(CarafeStore.class));
    }
  }

  @Test
  void aStoreWithoutAFileNeedsNoFilter() {
    Properties properties = new Properties();
    properties.setProperty("carafe.store.memory", "1m");
    try (CacheManager caches = manager(properties)) {
      Cache<String, String> cache = caches.createCache("c", typed(String.class, String.class));
      cache.put("a", "1");
      assertEquals("1", cache.get("a"));
      caches.destroyCache("c");
      assertNull(caches.createCache("c", typed(String.class, String.class)).get("a"));
      assertEquals(1 << 20, caches.unwrap(CarafeStore.class).memoryUsage().budgetBytes());
    }
  }

  /**
   * Threads create, fill, close and destroy the same caches. None reads a value that was put before
   * the last destroyCache, and the manager stays usable.
   */
  @Test
  void cachesAreCreatedAndDestroyedByManyThreads() throws Exception {
    long seed = Long.getLong("carafe.test.seed", System.nanoTime());
    try (CacheManager caches = manager();
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        Random random = new Random(seed + t);
        running.add(threads.submit(() -> createAndDestroy(caches, random)));
      }
      for (Future<?> each : running) {
        each.get(100, TimeUnit.SECONDS);
      }
      for (int i = 0; i < 3; i++) {
        caches.destroyCache("c" + i);
        Cache<Integer, Integer> cache =
            caches.createCache("c" + i, typed(Integer.class, Integer.class));
        assertFalse(cache.iterator().hasNext(), "seed " + seed);
        cache.put(1, i);
        assertEquals(i, cache.get(1), "seed " + seed);
      }
    } catch (Throwable t) {
      throw new AssertionError("seed " + seed, t);
    }
    try (CacheManager caches = manager()) {
      assertEquals(Set.of("c0", "c1", "c2"), caches.unwrap(CarafeStore.class).cacheNames());
      for (int i = 0; i < 3; i++) {
        assertEquals(i, caches.createCache("c" + i, typed(Integer.class, Integer.class)).get(1));
      }
    }
  }

  private static void createAndDestroy(CacheManager caches, Random random) {
    for (int step = 0; step < 400; step++) {
      String name = "c" + random.nextInt(3);
      try {
        Cache<Integer, Integer> cache = caches.getCache(name);
        if (cache == null) {
          cache = caches.createCache(name, typed(Integer.class, Integer.class));
        }
        switch (random.nextInt(6)) {
          case 0 -> caches.destroyCache(name);
          case 1 -> cache.close();
          default -> {
            int key = random.nextInt(20);
            Integer found = cache.get(key);
            if (found != null) {
              assertEquals(key, found);
            }
            cache.put(key, key);
          }
        }
      } catch (CacheException | IllegalStateException e) {
        // another thread created, closed or destroys the cache
        assertInstanceOf(String.class, e.getMessage());
      }
    }
  }
}
