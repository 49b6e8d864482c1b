package dev.carafe.jcache;

import static dev.carafe.redis.testing.RedisForTests.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.Factory;
import javax.cache.configuration.FactoryBuilder;
import javax.cache.configuration.MutableCacheEntryListenerConfiguration;
import javax.cache.event.CacheEntryCreatedListener;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheLoaderException;
import javax.cache.integration.CompletionListenerFuture;
import org.junit.jupiter.api.Test;

/** Loads through a cache with a far side, and what such a cache refuses. */
final class FarLoadingTest extends FarServerTest {
  /** A loader that counts, and waits where it is told to. */
  public static final class Loader implements CacheLoader<String, String> {
    static final AtomicInteger LOADS = new AtomicInteger();
    static volatile CountDownLatch gate = new CountDownLatch(0);
    static volatile Runnable meanwhile = () -> {};

    /** Called by the factory. */
    public Loader() {}

    @Override
    @SuppressWarnings("NullAway") // null if there is no value
    public String load(String key) {
      if (key.equals("bad")) {
        throw new IllegalStateException("no source");
      }
      LOADS.incrementAndGet();
      meanwhile.run();
      try {
        assertTrue(gate.await(20, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return key.equals("none") ? null : "loaded " + key;
    }

    @Override
    public Map<String, String> loadAll(Iterable<? extends String> keys) {
      throw new AssertionError("a cache with a far side loads each key");
    }
  }

  @Test
  void oneCallLoadsForAllThreads() throws Exception {
    Loader.LOADS.set(0);
    Loader.gate = new CountDownLatch(1);
    Loader.meanwhile = () -> {};
    String[] settings = {
      "carafe.default.readThrough = true",
      "carafe.default.loader = " + Loader.class.getName(),
      "carafe.default.statistics = true"
    };
    Cache<String, String> cache = manager("one", settings).getCache("c");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> results = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        results.add(threads.submit(() -> cache.get("a")));
      }
      eventually("a load", () -> Loader.LOADS.get() > 0);
      Loader.gate.countDown();
      for (var result : results) {
        assertEquals("loaded a", result.get());
      }
    }
    assertEquals(1, Loader.LOADS.get());
    assertEquals("loaded a", server.commands().get("c::a"));
    assertEquals("loaded a", manager("two", settings).<String, String>getCache("c").get("a"));
    assertEquals(1, Loader.LOADS.get());
    Loader.meanwhile = () -> server.commands().set("c::b", "by another");
    var _ = cache.get("b"); // what it has loaded, or the other value
    assertEquals("by another", server.commands().get("c::b"));
    assertEquals("by another", cache.get("b"));
    Loader.meanwhile = () -> {};
    assertNull(cache.get("none"));
    assertEquals(Map.of("a", "loaded a", "d", "loaded d"), cache.getAll(Set.of("a", "d", "none")));
    assertThrows(CacheLoaderException.class, () -> cache.get("bad"));
    CompletionListenerFuture done = new CompletionListenerFuture();
    cache.loadAll(Set.of("a", "e"), false, done);
    done.get(20, TimeUnit.SECONDS);
    assertEquals("loaded e", server.commands().get("c::e"));
    assertThrows(UnsupportedOperationException.class, () -> cache.loadAll(Set.of("a"), true, null));
  }

  @Test
  void whatIsNotSupportedIsRefusedByName() {
    Cache<String, String> cache = manager("one").getCache("c");
    refused(
        "iterator",
        () -> {
          var _ = cache.iterator();
        });
    Factory<CacheEntryCreatedListener<String, String>> listeners =
        new FactoryBuilder.SingletonFactory<>(events -> {});
    refused(
        "listeners",
        () ->
            cache.registerCacheEntryListener(
                new MutableCacheEntryListenerConfiguration<>(listeners, null, false, false)));
    CacheManager named = manager("named");
    for (String name : List.of("a::b", "a:")) {
      assertThrows(IllegalArgumentException.class, () -> named.getCache(name), name);
    }
    refused("expiry", () -> manager("two", "carafe.default.expiry = accessed 1h").getCache("c"));
    refused(
        "writer",
        () ->
            manager("three", "carafe.default.writer = x.Y", "carafe.default.writeThrough = true")
                .getCache("c"));
    for (List<String> wrong :
        List.of(
            List.of("carafe.default.far = http://secret@h", "not the address of a server"),
            List.of("carafe.default.staleIfDisconnected = 0s", "at least 1 ms"))) {
      Throwable failure =
          assertThrows(
              RuntimeException.class,
              () -> manager("wrong " + wrong.getLast(), wrong.getFirst()).getCache("c"));
      String text = String.valueOf(failure.getMessage());
      assertTrue(text.contains(wrong.getLast()), text);
      assertFalse(text.contains("secret"), text);
    }
    var failure =
        assertThrows(
            CacheException.class,
            () -> manager(List.of("carafe.cache.c.staleIfDisconnected = 1s")));
    assertTrue(String.valueOf(failure.getMessage()).contains("set carafe.cache.c.far"));
    CacheManager plain =
        manager(List.of("carafe.default.far = " + server.address(), "carafe.cache.c.memory = 1m"));
    var codecs = assertThrows(IllegalArgumentException.class, () -> plain.getCache("c"));
    assertTrue(String.valueOf(codecs.getMessage()).contains("keyCodec"), codecs::getMessage);
  }

  private static void refused(String word, Runnable call) {
    var failure = assertThrows(UnsupportedOperationException.class, call::run);
    assertTrue(String.valueOf(failure.getMessage()).contains(word), failure::getMessage);
  }
}
