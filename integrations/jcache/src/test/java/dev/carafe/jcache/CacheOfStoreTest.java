package dev.carafe.jcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a cache of a store may set, and what is refused with its remedy. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CacheOfStoreTest extends ManagerOverStore {
  @Test
  void aCacheHasAReserveAndACeiling() {
    Properties properties = store();
    properties.setProperty("carafe.cache.small.memory", "256k");
    properties.setProperty("carafe.cache.small.memoryLimit", "512k");
    properties.setProperty("carafe.cache.greedy.memory", "4m");
    try (CacheManager caches = manager(properties)) {
      CarafeConfiguration<Object, Object> limited =
          serialized().setMemoryBytes(128 << 10).setMemoryLimitBytes(1L << 20);
      assertEquals(1 << 20, maximum(caches.createCache("limited", limited)));
      assertEquals(512 << 10, maximum(caches.getCache("small")));
      assertTrue(maximum(caches.createCache("free", serialized())) > 2 << 20);
      Exception refused =
          assertThrows(IllegalArgumentException.class, () -> caches.getCache("greedy"));
      assertSays(refused, "'greedy'", String.valueOf(4 << 20), String.valueOf(384 << 10));
      assertEquals(Set.of("free", "greedy", "limited", "small"), names(caches));
    }
  }

  private static CarafeConfiguration<Object, Object> serialized() {
    return new CarafeConfiguration<Object, Object>().setKeyCodec(serial()).setValueCodec(serial());
  }

  private static Codec<Object> serial() {
    return SerialCodec.ofKeys(JCacheStoreTest.class::getClassLoader, null);
  }

  private static long maximum(Cache<?, ?> cache) {
    Carafe<?, ?> carafe = cache.unwrap(Carafe.class);
    return carafe.policy().eviction().orElseThrow().getMaximum();
  }

  private static void assertSays(Exception thrown, String... words) {
    for (String word : words) {
      assertTrue(String.valueOf(thrown.getMessage()).contains(word), thrown::getMessage);
    }
  }

  @Test
  void anotherCodecIsRefusedWithTheRemedy() {
    try (CacheManager caches = manager()) {
      caches.createCache("c", typed(String.class, String.class)).put("a", "1");
    }
    try (CacheManager caches = manager()) {
      var other =
          new CarafeConfiguration<String, String>()
              .setKeyCodec(Codec.utf8())
              .setValueCodec(Codec.utf8());
      Exception refused = assertThrows(CacheException.class, () -> caches.createCache("c", other));
      assertSays(refused, "the cache c ", "key codec", "destroyCache");
      caches.destroyCache("c");
      assertNull(caches.createCache("c", other).get("a"));
    }
  }

  @Test
  void whatBelongsToTheStoreIsRefusedOnACache() {
    try (CacheManager caches = manager()) {
      refused(caches, serialized().setFile(FileOptions.at(file(), 1 << 20)), "carafe.store.file");
      refused(caches, serialized().setIndexMemoryBytes(8L << 20), "carafe.store.indexMemory");
      refused(
          caches,
          serialized().setPersistWithin(Duration.ofSeconds(1)),
          "carafe.store.persistWithin");
      refused(caches, new CarafeConfiguration<>(), "carafe.default.serialFilter");
      assertEquals(Set.of(), names(caches));
      assertEquals(Set.of(), caches.unwrap(CarafeStore.class).cacheNames());
    }
    try (CacheManager caches = manager(new Properties())) {
      refused(caches, serialized().setMemoryLimitBytes(1L << 20), "carafe.store.memory");
    }
  }

  private static void refused(
      CacheManager caches, CarafeConfiguration<Object, Object> configuration, String remedy) {
    Exception refused =
        assertThrows(
            IllegalArgumentException.class, () -> caches.createCache("mine", configuration));
    assertSays(refused, "the cache mine ", remedy);
  }

  @Test
  void aFileOfOneCacheIsNoStore() {
    Carafe.newBuilder()
        .keyCodec(Codec.utf8())
        .valueCodec(Codec.utf8())
        .memory(1 << 20)
        .file(file(), 16 << 20)
        .build()
        .close();
    Exception refused = assertThrows(CacheException.class, this::manager);
    assertSays(refused, "the store of the cache manager store:", file().toString());
    try (CarafeStore other =
        CarafeStore.newBuilder()
            .memory(1 << 20)
            .file(directory.resolve("other.carafe"), 16 << 20)
            .build()) {
      Properties properties = store();
      properties.setProperty("carafe.store.file", directory.resolve("other.carafe").toString());
      Exception inUse = assertThrows(CacheException.class, () -> manager(properties));
      assertSays(inUse, "other.carafe");
      assertNotNull(other.health());
    }
  }
}
