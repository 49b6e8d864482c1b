package dev.carafe.springboot;

import static dev.carafe.redis.testing.RedisForTests.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.redis.CarafeNearCache;
import dev.carafe.redis.NearStats;
import dev.carafe.redis.testing.RedisForTests;
import dev.carafe.springboot.Library.Book;
import dev.carafe.springboot.Library.Books;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.health.contributor.Status;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.ConfigurableApplicationContext;

/** Applications whose caches share the values of a Redis server. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class FarTest {
  @TempDir static Path serverFolder;

  private static RedisForTests server;

  @TempDir Path directory;

  @BeforeAll
  static void startServer() {
    server = new RedisForTests(serverFolder);
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void emptyServer() {
    server.commands().flushall();
  }

  private ConfigurableApplicationContext start(String name, String... properties) {
    String[] all = List.of(properties).toArray(new String[properties.length + 4]);
    all[properties.length] = "carafe.file=" + directory.resolve(name);
    all[properties.length + 1] = "carafe.file-size=16MB";
    all[properties.length + 2] = "carafe.defaults.far=" + server.address();
    all[properties.length + 3] = "carafe.caches.books.expire-after-write=1h";
    return Boot.web(Library.class, all);
  }

  private static Cache cache(ConfigurableApplicationContext application, String name) {
    return Objects.requireNonNull(application.getBean(CacheManager.class).getCache(name));
  }

  /** Reads a book until it is near: a read at the announcement of its write is not kept. */
  private static void readUntilNear(ConfigurableApplicationContext application, long id) {
    var near = (CarafeNearCache<?, ?>) cache(application, "books").getNativeCache();
    long hits = near.stats().nearHits();
    eventually(
        "a near hit",
        () -> {
          var _ = application.getBean(Books.class).book(id);
          return near.stats().nearHits() > hits;
        });
  }

  @Test
  void applicationsShareValuesAndSeeEachOthersChanges() throws Exception {
    try (var one = start("one");
        var two = start("two")) {
      Books here = one.getBean(Books.class);
      Books there = two.getBean(Books.class);
      Book book = here.book(1);
      assertEquals(book, there.book(1));
      assertEquals(book, there.book(1));
      assertNull(here.absent(1));
      assertNull(there.absent(1));
      assertEquals(here.maybe(1), there.maybe(1));
      assertEquals(here.maybe(0), there.maybe(0));
      assertEquals(here.later(1).get(), there.later(1).get());
      String shelf = here.shelf("a", "b");
      assertEquals(shelf, there.shelf("a", "b"));
      assertEquals(0, there.calls());

      there.moved("a", "b");
      String moved = there.shelf("a", "b");
      eventually("the new shelf", () -> here.shelf("a", "b").equals(moved));
      cache(two, "books").clear();
      eventually("no book", () -> cache(one, "books").get(1L) == null);
      assertEquals(moved, there.shelf("a", "b"), "another cache was cleared");
    }
  }

  @Test
  void valuesOfTheFileAreComparedWithTheServerAfterARestart() {
    Book changed;
    try (var one = start("one")) {
      assertEquals(1, one.getBean(Books.class).book(1).copy());
      assertEquals(2, one.getBean(Books.class).book(2).copy());
      readUntilNear(one, 1);
      readUntilNear(one, 2);
    }
    try (var two = start("two")) {
      cache(two, "books").evict(2L);
      changed = new Book(2, 77);
      cache(two, "books").put(2L, changed);
    }
    try (var one = start("one")) {
      Books books = one.getBean(Books.class);
      assertEquals(1, books.book(1).copy());
      assertEquals(changed, books.book(2));
      assertEquals(0, books.calls());
      var near = (CarafeNearCache<?, ?>) cache(one, "books").getNativeCache();
      NearStats stats = near.stats(); // compared by the reads, or before them
      assertEquals(2, stats.farHits() + stats.nearHits(), stats::toString);
      assertTrue(stats.changed() >= 1 && stats.unchanged() >= 1, stats::toString);
      MeterRegistry meters = one.getBean(MeterRegistry.class);
      assertEquals(
          (double) stats.farHits(),
          meters
              .get("carafe.near.gets")
              .tags("cache", "books", "result", "far")
              .functionCounter()
              .count());
      assertTrue(
          meters.get("carafe.gets").tags("cache", "books", "tier", "file").functionCounter().count()
              > 0);
    }
  }

  @Test
  void keysHaveThePrefixAndTheTimeToLive() {
    try (var one = start("one", "carafe.caches.books.key-codec=int64");
        RedisClient client = RedisClient.create(server.address());
        StatefulRedisConnection<byte[], byte[]> connection =
            client.connect(ByteArrayCodec.INSTANCE)) {
      one.getBean(Books.class).book(1);
      one.getBean(Books.class).shelf("a", "b");
      List<byte[]> keys = connection.sync().scan(ScanArgs.Builder.matches("books::*")).getKeys();
      assertEquals(1, keys.size());
      long left = connection.sync().ttl(keys.getFirst());
      assertTrue(left > 3500 && left <= 3600, () -> left + " s");
      List<byte[]> shelves =
          connection.sync().scan(ScanArgs.Builder.matches("shelves::*")).getKeys();
      assertEquals(-1, connection.sync().ttl(shelves.getFirst()));
    }
  }

  @Test
  void oneThreadLoadsForAll() throws Exception {
    AtomicInteger loads = new AtomicInteger();
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch loaded = new CountDownLatch(1);
    Callable<String> loader =
        () -> {
          loading.countDown();
          assertTrue(loaded.await(30, TimeUnit.SECONDS));
          return "loaded " + loads.incrementAndGet();
        };
    try (var one = start("one");
        var threads = Executors.newCachedThreadPool()) {
      Cache cache = cache(one, "numbers");
      Future<String> first = threads.submit(() -> cache.get("a", loader));
      assertTrue(loading.await(30, TimeUnit.SECONDS));
      Future<String> second = threads.submit(() -> cache.get("a", loader));
      loaded.countDown();
      assertEquals("loaded 1", first.get());
      assertEquals("loaded 1", second.get());
      assertNull(cache.get("none", () -> null));
      assertNotNull(cache.get("none"), "null is not cached");
      Cache.ValueWrapper present = cache.putIfAbsent("a", "other");
      assertEquals("loaded 1", Objects.requireNonNull(present).get());
      assertNull(cache.putIfAbsent("b", "other"));
      Exception thrown = new Exception("no source");
      var failure =
          assertThrows(
              Cache.ValueRetrievalException.class,
              () ->
                  cache.get(
                      "c",
                      () -> {
                        throw thrown;
                      }));
      assertSame(thrown, failure.getCause());
      assertNull(cache.get("c"));
    }
  }

  @Test
  void withoutTheServerValuesAreServedAsLongAsIsAllowed() throws Exception {
    try (var one = start("one", "carafe.caches.books.stale-if-disconnected=1h")) {
      Books books = one.getBean(Books.class);
      Book book = books.book(1);
      readUntilNear(one, 1);
      CarafeHealthIndicator health = one.getBean(CarafeHealthIndicator.class);
      assertEquals(Status.UP, Objects.requireNonNull(health.health()).getStatus());
      server.stop();
      eventually(
          "the loss of the connection",
          () -> !one.getBean(CarafeCaches.class).connected().getOrDefault("books", true));
      assertEquals(book, books.book(1));
      var degraded = Objects.requireNonNull(health.health());
      assertEquals(CarafeHealthIndicator.DEGRADED, degraded.getStatus());
      assertEquals("DISCONNECTED", degraded.getDetails().get("books.far"));
      String page = Boot.get(one, "/actuator/health");
      assertTrue(page.contains("DISCONNECTED"), page);
    } finally {
      server.start();
    }
  }

  @Test
  void wrongPropertiesStopTheStart() {
    Map<String, String> wrong =
        Map.of(
            "carafe.caches.x.far=http://secret@localhost",
            "carafe.caches.x.far is not the address of a server",
            "carafe.caches[x::y].far=redis://localhost",
            "the name x::y contains :: or ends with a colon",
            "carafe.caches[x:].far=redis://localhost",
            "the name x: contains :: or ends with a colon",
            "carafe.caches.x.expire-after-access=1h",
            "carafe.caches.x has far and expire-after-access PT1H");
    wrong.forEach((property, message) -> {
      Throwable failure = assertThrows(RuntimeException.class, () -> start("wrong", property));
      while (failure.getCause() != null
          && !String.valueOf(failure.getMessage()).contains(message)) {
        failure = failure.getCause();
      }
      String text = String.valueOf(failure.getMessage());
      assertTrue(text.contains(message), text);
      assertFalse(text.contains("secret"), text);
    });
  }
}
