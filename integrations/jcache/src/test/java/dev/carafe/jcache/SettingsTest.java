package dev.carafe.jcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.Scheduler;
import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.FileOptions;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.expiry.CreatedExpiryPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The properties file of a cache manager: each setting, and what is wrong in one. */
final class SettingsTest {
  @TempDir Path directory;

  private CacheManager manager(String... lines) throws Exception {
    Path file = directory.resolve("caches.properties");
    Files.write(file, Arrays.asList(lines));
    return Caching.getCachingProvider().getCacheManager(file.toUri(), null);
  }

  private void refused(String line, String... words) {
    Exception refused =
        assertThrows(
            CacheException.class,
            () -> {
              try (CacheManager caches = manager(line)) {
                var _ = caches.getCache("c");
              }
            });
    for (String word : words) {
      assertTrue(String.valueOf(refused.getMessage()).contains(word), refused::getMessage);
    }
  }

  /** Issue 21, item 3: properties for all that the builder has. */
  @Test
  void everySettingOfTheBuilderHasAProperty() throws Exception {
    Path file = directory.resolve("all.carafe");
    try (CacheManager caches =
        manager(
            "carafe.default.memory = 1_024k",
            "carafe.default.io = channel",
            "carafe.cache.all.indexMemory = 8m",
            "carafe.cache.all.file = " + file,
            "carafe.cache.all.fileBytes = 1m",
            "carafe.cache.all.persist = evictions",
            "carafe.cache.all.recovery = strict",
            "carafe.cache.all.compression = none",
            "carafe.cache.all.overload = drop",
            "carafe.cache.all.persistWithin = 2s",
            "carafe.cache.all.scheduler = system",
            "carafe.cache.all.expiry = created 12h",
            "carafe.cache.all.keyCodec = utf8",
            "carafe.cache.all.valueCodec = utf8")) {
      Cache<String, String> all = caches.getCache("all");
      CarafeConfiguration<String, String> made =
          ((CarafeJCache<String, String>) all).parts().configuration();
      assertEquals(1 << 20, made.getMemoryBytes());
      assertEquals(8L << 20, made.getIndexMemoryBytes());
      assertEquals(Duration.ofSeconds(2), made.getPersistWithin());
      assertEquals(Scheduler.systemScheduler(), made.getScheduler());
      assertEquals(
          FileOptions.at(file, 1 << 20)
              .withIo(FileOptions.Io.CHANNEL)
              .withPersist(Set.of(FileOptions.Persist.EVICTIONS))
              .withRecovery(FileOptions.Recovery.STRICT)
              .withCompression(FileOptions.Compression.NONE)
              .withOverload(FileOptions.Overload.DROP),
          made.getFile());
      assertEquals(
          CreatedExpiryPolicy.factoryOf(new javax.cache.expiry.Duration(TimeUnit.HOURS, 12)),
          made.getExpiryPolicyFactory());
      all.put("a", "1");
      assertEquals("1", all.get("a"));
      var carafe = ((CarafeJCache<String, String>) all).parts().operations().carafe;
      assertTrue(carafe.health().device().contains("CHANNEL"), carafe.health()::toString);
      assertEquals(1 << 20, carafe.memoryUsage().budgetBytes());
    }
  }

  @Test
  void theStoreHasTheSettingsOfItsBuilder() throws Exception {
    Path file = directory.resolve("store.carafe");
    try (CacheManager caches =
        manager(
            "carafe.store.memory = 1m",
            "carafe.store.indexMemory = 8m",
            "carafe.store.file = " + file,
            "carafe.store.fileBytes = 16m",
            "carafe.store.io = channel",
            "carafe.store.persist = misses",
            "carafe.store.recovery = strict",
            "carafe.store.compression = none",
            "carafe.store.overload = drop",
            "carafe.store.persistWithin = 2s",
            "carafe.store.writeBudget = 1g",
            "carafe.default.keyCodec = utf8",
            "carafe.default.valueCodec = utf8",
            "carafe.cache.all.expiry = created 12h",
            "carafe.cache.all.scheduler = system")) {
      Cache<String, String> all = caches.getCache("all");
      all.put("a", "1");
      assertEquals("1", all.get("a"));
      CarafeStore store = caches.unwrap(CarafeStore.class);
      assertTrue(store.health().device().contains("CHANNEL"), store.health()::toString);
      assertEquals(1 << 20, store.memoryUsage().budgetBytes());
      assertEquals(
          store.memoryUsage().budgetBytes(), all.unwrap(Carafe.class).memoryUsage().budgetBytes());
      assertTrue(Files.exists(file));
    }
  }

  @Test
  void whatIsWrongInAStoreIsNamed() {
    refused("carafe.store.memmory = 1m", "carafe.store.memmory", "createMissing");
    refused("carafe.store.memory.x = 1m", "carafe.store.memory.x", "createMissing");
    refused("carafe.store.fileSize = 1m", "carafe.store.fileSize", "use fileBytes");
    refused("carafe.store.createMissing = true", "memory", "carafe.store", "missing", "256m");
    refused("carafe.store.memory = much", "memory", "carafe.store:", "'much'", "64k");
    refused("carafe.store.memory = 1", "caches.properties", "1 bytes", "16384");
    refused("carafe.store.memory = 1m\ncarafe.store.file = x", "fileBytes", "missing", "4g");
    refused(
        "carafe.store.memory = 1m\ncarafe.store.fileBytes = 1m",
        "carafe.store.fileBytes = 1m",
        "set carafe.store.file");
    refused("carafe.store.memory = 1m\ncarafe.store.io = uring", "carafe.store.io", "no file");
    refused("carafe.store.memory = 1m\ncarafe.store.createMissing = yes", "yes", "true or false");
    refused(
        "carafe.store.memory = 1m\ncarafe.cache.c.file = x",
        "carafe.cache.c.file = x",
        "use carafe.store.file");
    refused(
        "carafe.store.memory = 1m\ncarafe.default.persistWithin = 1s",
        "carafe.default.persistWithin = 1s",
        "use carafe.store.persistWithin");
    refused(
        "carafe.cache.c.memoryLimit = 1m",
        "carafe.cache.c.memoryLimit = 1m",
        "set carafe.store.memory");
  }

  @Test
  void whatIsWrongIsNamed() {
    refused("carafe.cache.c.memmory = 1m", "carafe.cache.c.memmory", "memory");
    refused("carafe.caches.c.memory = 1m", "carafe.caches.c.memory", "carafe.cache.NAME");
    refused("carafe.cache.c.memory = much", "memory", " c:", "much", "64k");
    refused("carafe.cache.c.memory =", "memory", "4096");
    refused("carafe.cache.c.file = x", "fileBytes", "missing", "4g");
    refused("carafe.cache.c.memory = 99999999999g", "memory", " c:", "99999999999g", "EiB");
    refused("carafe.cache.c.persistWithin = soon", "persistWithin", " c:", "'soon'", "10m");
    refused("carafe.cache.c.scheduler = fast", "scheduler", " c:", "'fast'", "system");
    refused("carafe.cache.c.fileSize = 1m", "fileSize", "fileBytes");
    refused("carafe.cache.c.recordStats = true", "recordStats", "statistics");
    refused("carafe.cache.c.recordMissRatioCurve = true", "recordMissRatioCurve", "newBuilder");
    refused("carafe.cache.c.expireAfterWrite = 1h", "expireAfterWrite", "modified");
    refused("carafe.cache.c.expireAfterAccess = 1h", "expireAfterAccess", "touched");
    refused("carafe.cache.c.refreshAfterWrite = 1h", "refreshAfterWrite", "no refresh");
    refused("carafe.cache.c.expiry = created 1 h", "expiry", "created 1 h", "12h");
    refused("carafe.cache.c.statistics = yes", "statistics", "yes", "true or false");
    refused("carafe.cache.c.expiry = created", "expiry", "created", "PT12H");
    refused("carafe.cache.c.expiry = soon PT1H", "expiry", "soon PT1H", "touched");
    refused("carafe.cache.c.keyType = no.Such", "keyType", "no.Such", "class");
    refused("carafe.cache.c.keyCodec = java.lang.Object", "keyCodec", "java.lang.Object", "utf8");
    CacheException nowhere =
        assertThrows(
            CacheException.class,
            () ->
                Caching.getCachingProvider()
                    .getCacheManager(URI.create("nowhere.properties"), null));
    assertTrue(
        String.valueOf(nowhere.getMessage()).contains("nowhere.properties"), nowhere::getMessage);
  }
}
