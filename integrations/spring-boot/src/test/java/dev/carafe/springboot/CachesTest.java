package dev.carafe.springboot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.Health;
import dev.carafe.springboot.Library.Book;
import dev.carafe.springboot.Library.Books;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.caffeine.CaffeineCache;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.cache.support.NoOpCacheManager;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** Spring's caches in the store of an application. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CachesTest {
  @TempDir Path directory;

  /** An application with a cache manager of its own. */
  @SpringBootConfiguration
  @EnableAutoConfiguration
  static class OwnCaches {
    @Bean
    CacheManager caches() {
      return new ConcurrentMapCacheManager();
    }
  }

  /** An application with codecs and settings of its own. */
  @SpringBootConfiguration
  @EnableAutoConfiguration
  static class OwnCodec {
    @Bean
    Codec<Locale> locales() {
      return Codec.of(
          locale -> locale.toLanguageTag().getBytes(StandardCharsets.UTF_8),
          bytes -> Locale.forLanguageTag(new String(bytes, StandardCharsets.UTF_8)));
    }

    @Bean
    CarafeCacheCustomizer twoHours() {
      return (name, cache) -> {
        if (name.equals("custom")) {
          cache.expireAfterWrite(Duration.ofHours(2));
        }
      };
    }
  }

  private String[] withFile(String... others) {
    List<String> all = new ArrayList<>(List.of(others));
    all.add("carafe.file=" + directory.resolve("library.carafe"));
    all.add("carafe.file-size=16MB");
    return all.toArray(String[]::new);
  }

  private static Cache cache(ConfigurableApplicationContext application, String name) {
    return Objects.requireNonNull(application.getBean(CacheManager.class).getCache(name));
  }

  private static Carafe<?, ?> carafe(ConfigurableApplicationContext application, String name) {
    return CarafeCaches.carafe((CaffeineCache) cache(application, name));
  }

  @Test
  void nullsOptionalsAndFuturesAreCachedOverARestart() throws Exception {
    for (int run = 1; run <= 2; run++) {
      try (var application = Boot.plain(Library.class, withFile())) {
        Books books = application.getBean(Books.class);
        for (int i = 0; i < 2; i++) {
          assertNull(books.absent(1));
          assertEquals(0, books.maybe(0).stream().count());
          assertEquals(new Book(1, 0), books.maybe(1).orElseThrow());
        }
        int calls = run == 1 ? 3 : 0;
        assertEquals(calls, books.calls());
        Book first = books.later(9).get(30, TimeUnit.SECONDS);
        assertEquals(first, books.later(9).get(30, TimeUnit.SECONDS));
        assertEquals(new Book(9, 4), first);
        assertEquals(run == 1 ? 4 : 0, books.calls());
      }
    }
  }

  @Test
  void aKeyOfTwoArgumentsIsFoundAndEvictedByEqualOnes() {
    try (var application = Boot.plain(Library.class)) {
      Books books = application.getBean(Books.class);
      String same = "x";
      assertEquals("xx1", books.shelf(same, same));
      assertEquals("xx1", books.shelf(same, new String(same)));
      books.moved(new String(same), new String(same));
      assertEquals("xx2", books.shelf(same, same));
      assertEquals("xy3", books.shelf(same, "y"));
    }
  }

  @Test
  void withoutAFileValuesAreInMemoryAndEachContextHasItsOwn() {
    try (var one = Boot.plain(Library.class, "carafe.file=");
        var two = Boot.plain(Library.class, "carafe.file= ")) {
      assertEquals(new Book(1, 1), one.getBean(Books.class).book(1));
      assertEquals(new Book(1, 1), two.getBean(Books.class).book(1));
      assertEquals(1, two.getBean(Books.class).calls());
      assertNull(one.getBean(CarafeStore.class).health().file());
      cache(one, "books").clear();
      assertNotNull(cache(two, "books").get(1L));
    }
  }

  @Test
  void settingsOfACacheReplaceTheDefaults() {
    try (var application =
        Boot.plain(
            OwnCodec.class,
            "carafe.memory=8MB",
            "carafe.defaults.expire-after-write=1h",
            "carafe.defaults.limit=4MB",
            "carafe.caches.sessions.expire-after-access=5m",
            "carafe.caches.sessions.reserve=1MB",
            "carafe.caches.sessions.record-stats=false",
            "carafe.caches.sessions.record-miss-ratio-curve=true",
            "carafe.caches.pages.key-codec=utf8",
            "carafe.caches.pages.value-codec=locales",
            "carafe.caches.books.value-codec=jackson:dev.carafe.springboot.Library$Book")) {
      var sessions = carafe(application, "sessions").policy();
      assertTrue(sessions.expireAfterWrite().isEmpty());
      assertEquals(
          Duration.ofMinutes(5), sessions.expireAfterAccess().orElseThrow().getExpiresAfter());
      assertFalse(sessions.isRecordingStats());
      assertNotNull(carafe(application, "sessions").tierStats().missRatioCurve());
      assertNull(carafe(application, "other").tierStats().missRatioCurve());
      var other = carafe(application, "other").policy();
      assertEquals(Duration.ofHours(1), other.expireAfterWrite().orElseThrow().getExpiresAfter());
      assertTrue(other.isRecordingStats());
      Cache pages = cache(application, "pages");
      pages.put("a", Locale.GERMANY);
      assertEquals(Locale.GERMANY, pages.get("a", Locale.class));
      pages.put("a", null);
      assertNull(Objects.requireNonNull(pages.get("a")).get());
      cache(application, "books").put(1L, new Book(1, 2));
      assertEquals(new Book(1, 2), cache(application, "books").get(1L, Book.class));
      assertEquals(
          Set.of("books", "other", "pages", "sessions"),
          new TreeSet<>(application.getBean(CacheManager.class).getCacheNames()));
    }
  }

  @Test
  void aCustomizerSetsWhatPropertiesCannot() {
    try (var application = Boot.plain(OwnCodec.class)) {
      var custom = carafe(application, "custom").policy();
      assertEquals(Duration.ofHours(2), custom.expireAfterWrite().orElseThrow().getExpiresAfter());
      assertTrue(carafe(application, "other").policy().expireAfterWrite().isEmpty());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "carafe.file=a.carafe|carafe.file is 'a.carafe' but carafe.file-size is not set",
        "carafe.memory=1KB|memory",
        "carafe.serial-filter=maxdepth=few|carafe.serial-filter is 'maxdepth=few' but must be",
        "carafe.caches.a.key-codec=utf9|carafe.caches.a.key-codec is 'utf9' but must be any, utf8",
        "carafe.caches.a.value-codec=jackson:No|carafe.caches.a.value-codec is 'jackson:No' but",
        "carafe.defaults.limit=1KB,carafe.caches.a.reserve=1MB|memoryLimit",
      })
  void aWrongSettingStopsTheStart(String properties, String message) {
    Throwable error =
        assertThrows(
            BeanCreationException.class,
            () -> Boot.plain(OwnCodec.class, properties.split(",")).close());
    String all = "";
    for (Throwable each = error; each != null; each = each.getCause()) {
      all += each.getMessage() + "\n";
    }
    assertTrue(all.contains(message), all);
  }

  @Test
  void bothExpiriesOfOneCacheAreRefused() {
    Throwable error =
        assertThrows(
            BeanCreationException.class,
            () ->
                Boot.plain(
                        OwnCodec.class,
                        "carafe.caches.a.expire-after-write=1h",
                        "carafe.caches.a.expire-after-access=1m")
                    .close());
    assertTrue(
        String.valueOf(error.getMessage()).contains("expire-after-access PT1M but must have one"),
        error::getMessage);
  }

  @Test
  void aValueOfAForeignClassIsRefusedWithTheProperty() {
    try (var application = Boot.plain(Library.class)) {
      Cache cache = cache(application, "files");
      var error =
          assertThrows(IllegalArgumentException.class, () -> cache.put(1L, new java.io.File("a")));
      assertTrue(
          String.valueOf(error.getMessage()).contains("java.io.File")
              && String.valueOf(error.getMessage()).contains("carafe.serial-filter"),
          error::getMessage);
      var unserializable =
          assertThrows(IllegalArgumentException.class, () -> cache.put(1L, new Object()));
      assertTrue(
          String.valueOf(unserializable.getMessage()).contains("carafe.caches.NAME.value-codec"));
      assertNull(cache.get(1L));
    }
    try (var application = Boot.plain(Library.class, "carafe.serial-filter=java.io.File")) {
      Cache cache = cache(application, "files");
      cache.put(1L, new java.io.File("a"));
      assertEquals(new java.io.File("a"), cache.get(1L, java.io.File.class));
    }
  }

  @Test
  void theApplicationsChoiceOfACacheManagerStands() {
    try (var application = Boot.plain(OwnCaches.class)) {
      assertInstanceOf(ConcurrentMapCacheManager.class, application.getBean(CacheManager.class));
      assertNotNull(application.getBean(CarafeStore.class));
    }
    try (var application = Boot.plain(Library.class, "spring.cache.type=none")) {
      assertInstanceOf(NoOpCacheManager.class, application.getBean(CacheManager.class));
    }
    try (var application = Boot.plain(Library.class, "spring.cache.type=carafe")) {
      assertInstanceOf(CarafeCaches.class, application.getBean(CacheManager.class));
    }
    try (var application = Boot.plain(Library.class, "carafe.enabled=false")) {
      assertFalse(application.containsBean("carafeStore"));
      assertFalse(application.getBean(CacheManager.class) instanceof CarafeCaches);
    }
  }

  @Test
  void theStoreIsClosedWithTheContext() {
    var application = Boot.plain(Library.class, withFile());
    CarafeStore store = application.getBean(CarafeStore.class);
    application.close();
    assertEquals(Health.State.CLOSED, store.health().memory().state());
  }
}
