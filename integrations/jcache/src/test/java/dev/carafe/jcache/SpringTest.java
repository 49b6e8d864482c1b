package dev.carafe.jcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.cache.Caching;
import javax.cache.configuration.MutableConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.caffeine.CaffeineCacheManager;
import org.springframework.cache.jcache.JCacheCacheManager;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Spring's cache abstraction, by Caffeine's interface and by JCache. */
final class SpringTest {
  @TempDir Path directory;

  /** What is cached. */
  static class Pages {
    private final AtomicInteger rendered = new AtomicInteger();

    /** How often; a method, since Spring's proxy has no fields. */
    public int renderedCount() {
      return rendered.get();
    }

    @Cacheable("pages")
    public String render(String url) {
      return url + " " + rendered.incrementAndGet();
    }

    @CacheEvict("pages")
    public void changed(String url) {}
  }

  /** One application, started anew for each run. */
  @Configuration
  @EnableCaching
  static class Application {
    @Bean
    Pages pages() {
      return new Pages();
    }
  }

  private static AnnotationConfigApplicationContext start(CacheManager manager) {
    AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    context.registerBean("cacheManager", CacheManager.class, () -> manager);
    context.register(Application.class);
    context.refresh();
    return context;
  }

  private Carafe<Object, Object> open() {
    Codec<Object> strings = Codec.of(text -> text.toString().getBytes(UTF_8), SpringTest::text);
    return Carafe.newBuilder()
        .<Object>keyCodec(strings)
        .<Object>valueCodec(strings)
        .memory(1 << 20)
        .file(directory.resolve("pages.carafe"), 1 << 20)
        .expireAfterWrite(Duration.ofHours(1))
        .recordStats()
        .build();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  @Test
  void whatIsCachedByAnnotationSurvivesARestart() {
    for (int run = 0; run < 2; run++) {
      try (Carafe<Object, Object> carafe = open()) {
        CaffeineCacheManager manager = new CaffeineCacheManager();
        manager.registerCustomCache("pages", carafe);
        try (AnnotationConfigApplicationContext context = start(manager)) {
          Pages pages = context.getBean(Pages.class);
          assertEquals("/a 1", pages.render("/a"));
          assertEquals("/a 1", pages.render("/a"));
          assertEquals(1 - run, pages.renderedCount(), "rendered in run " + run);
        }
      }
    }
    try (Carafe<Object, Object> carafe = open()) {
      CaffeineCacheManager manager = new CaffeineCacheManager();
      manager.registerCustomCache("pages", carafe);
      try (AnnotationConfigApplicationContext context = start(manager)) {
        Pages pages = context.getBean(Pages.class);
        pages.changed("/a");
        assertEquals("/a 1", pages.render("/a"));
        assertEquals(1, pages.renderedCount());
      }
    }
  }

  @Test
  void springsOwnCacheMethodsWorkOverIt() throws Exception {
    try (Carafe<Object, Object> carafe = open()) {
      CaffeineCacheManager manager = new CaffeineCacheManager();
      manager.registerCustomCache("pages", carafe);
      Cache cache = Objects.requireNonNull(manager.getCache("pages"));
      assertNull(cache.get("a"));
      assertEquals("1", cache.get("a", () -> "1"));
      assertEquals("1", Objects.requireNonNull(cache.putIfAbsent("a", "2")).get());
      cache.put("b", "2");
      assertEquals("2", cache.get("b", String.class));
      cache.evict("b");
      assertNull(cache.get("b"));
      assertEquals(true, cache.invalidate());
      assertNull(cache.get("a"));
      assertNotNull(carafe.stats());
      assertEquals(true, carafe.policy().isRecordingStats());
    }
  }

  @Test
  void byJCacheToo() {
    for (int run = 0; run < 2; run++) {
      try (var caches = Caching.getCachingProvider().getCacheManager()) {
        var configuration =
            new CarafeConfiguration<Object, Object>()
                .setMemoryBytes(1 << 20)
                .setFile(FileOptions.at(directory.resolve("j.carafe"), 1 << 20))
                .setKeyCodec(Codec.of(key -> key.toString().getBytes(UTF_8), SpringTest::text))
                .setValueCodec(Codec.of(text -> text.toString().getBytes(UTF_8), SpringTest::text));
        var _ = caches.createCache("pages", configuration);
        try (AnnotationConfigApplicationContext context = start(new JCacheCacheManager(caches))) {
          Pages pages = context.getBean(Pages.class);
          assertEquals("/a 1", pages.render("/a"));
          assertEquals(1 - run, pages.renderedCount());
        }
      }
    }
  }

  /** All caches that annotations name are in one file; no code and no setting names a cache. */
  @Test
  void byJCacheOverOneStore() {
    var properties = new Properties();
    properties.setProperty("carafe.store.memory", "1m");
    properties.setProperty("carafe.store.file", directory.resolve("all.carafe").toString());
    properties.setProperty("carafe.store.fileBytes", "16m");
    properties.setProperty("carafe.store.createMissing", "true");
    properties.setProperty("carafe.default.serialFilter", "java.lang.*;!*");
    var uri = URI.create("spring:" + directory);
    for (int run = 0; run < 3; run++) {
      try (var caches = Caching.getCachingProvider().getCacheManager(uri, null, properties);
          AnnotationConfigApplicationContext context = start(new JCacheCacheManager(caches))) {
        Pages pages = context.getBean(Pages.class);
        if (run == 2) {
          pages.changed("/a");
        }
        assertEquals("/a 1", pages.render("/a"));
        assertEquals("/a 1", pages.render("/a"));
        assertEquals(run == 1 ? 0 : 1, pages.renderedCount());
        Cache more = Objects.requireNonNull(caches(context).getCache("more"));
        assertEquals(run == 0 ? "0" : "1", more.get("a", () -> "0"));
        more.put("a", "1");
        assertEquals(Set.of("pages", "more"), caches.unwrap(CarafeStore.class).cacheNames());
      }
    }
  }

  private static CacheManager caches(AnnotationConfigApplicationContext context) {
    return context.getBean(CacheManager.class);
  }

  @Test
  @SuppressWarnings("unchecked") // as JSR-107 has it
  void aCacheOfThePropertiesFile() throws Exception {
    var uri = Objects.requireNonNull(getClass().getResource("/caches.properties")).toURI();
    var properties = new Properties();
    properties.setProperty("carafe.cache.names.file", directory.resolve("n.carafe").toString());
    for (int run = 0; run < 2; run++) {
      try (var caches = Caching.getCachingProvider().getCacheManager(uri, null, properties)) {
        javax.cache.Cache<Long, String> names = caches.getCache("names", Long.class, String.class);
        assertEquals(run == 0 ? null : "one", names.get(1L));
        names.put(1L, "one");
        assertNull(caches.getCache("others"));
        var others = caches.createCache("others", new MutableConfiguration<String, String>());
        assertEquals(2 << 20, others.getConfiguration(CarafeConfiguration.class).getMemoryBytes());
      }
    }
  }
}
