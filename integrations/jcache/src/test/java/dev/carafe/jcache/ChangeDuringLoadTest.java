package dev.carafe.jcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.carafe.Codec;
import dev.carafe.FileInUseException;
import dev.carafe.FileOptions;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.configuration.MutableCacheEntryListenerConfiguration;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.event.CacheEntryCreatedListener;
import javax.cache.event.CacheEntryEvent;
import javax.cache.event.CacheEntryRemovedListener;
import javax.cache.event.CacheEntryUpdatedListener;
import javax.cache.expiry.CreatedExpiryPolicy;
import javax.cache.expiry.Duration;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheLoaderException;
import javax.cache.integration.CompletionListenerFuture;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes of a key during a load of it (R1, R2, R4): the change wins, and listeners receive the
 * events in the order of the changes.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ChangeDuringLoadTest {
  private final CacheManager manager =
      Caching.getCachingProvider(CarafeCachingProvider.class.getName()).getCacheManager();

  @AfterEach
  void close() {
    manager.getCachingProvider().close();
  }

  /** Waits in the middle of a load; the value was read before. */
  private static final class Slow implements CacheLoader<String, String> {
    final CountDownLatch loading = new CountDownLatch(1);
    final CountDownLatch finish = new CountDownLatch(1);

    @Override
    public String load(String key) {
      loading.countDown();
      try {
        finish.await();
      } catch (InterruptedException e) {
        throw new CacheLoaderException(e);
      }
      return "old";
    }

    @Override
    public Map<String, String> loadAll(Iterable<? extends String> keys) {
      Map<String, String> all = new HashMap<>();
      keys.forEach(key -> all.put(key, load(key)));
      return all;
    }
  }

  /** What its listeners were told, applied in their order. */
  private static final class Mirror
      implements CacheEntryCreatedListener<String, String>,
          CacheEntryUpdatedListener<String, String>,
          CacheEntryRemovedListener<String, String> {
    final Map<String, String> map = new HashMap<>();
    final List<String> events = new CopyOnWriteArrayList<>();

    private synchronized void set(
        Iterable<CacheEntryEvent<? extends String, ? extends String>> told) {
      told.forEach(event -> {
        events.add(event.getEventType() + " " + event.getValue());
        map.put(event.getKey(), event.getValue());
      });
    }

    @Override
    public void onCreated(Iterable<CacheEntryEvent<? extends String, ? extends String>> told) {
      set(told);
    }

    @Override
    public void onUpdated(Iterable<CacheEntryEvent<? extends String, ? extends String>> told) {
      set(told);
    }

    @Override
    public synchronized void onRemoved(
        Iterable<CacheEntryEvent<? extends String, ? extends String>> told) {
      told.forEach(event -> {
        events.add("REMOVED");
        map.remove(event.getKey());
      });
    }

    synchronized @Nullable String get(String key) {
      return map.get(key);
    }
  }

  private static Map<String, Consumer<Cache<String, String>>> changes() {
    Map<String, Consumer<Cache<String, String>>> changes = new LinkedHashMap<>();
    changes.put("remove", cache -> cache.remove("k"));
    changes.put("getAndRemove", cache -> cache.getAndRemove("k"));
    changes.put("removeAll of k", cache -> cache.removeAll(Set.of("k")));
    changes.put("removeAll", Cache::removeAll);
    changes.put("clear", Cache::clear);
    changes.put(
        "invoke remove", cache -> cache.invoke("k", (entry, none) -> removed(entry::remove)));
    changes.put("put", cache -> cache.put("k", "new"));
    changes.put("putAll", cache -> cache.putAll(Map.of("k", "new")));
    changes.put("putIfAbsent", cache -> cache.putIfAbsent("k", "new"));
    changes.put("getAndPut", cache -> cache.getAndPut("k", "new"));
    changes.put(
        "invoke set",
        cache -> cache.invoke("k", (entry, none) -> removed(() -> entry.setValue("new"))));
    return changes;
  }

  private static boolean removed(Runnable change) {
    change.run();
    return true;
  }

  private static Map<String, Consumer<Cache<String, String>>> loads() {
    Map<String, Consumer<Cache<String, String>>> loads = new LinkedHashMap<>();
    loads.put("get", cache -> cache.get("k"));
    loads.put("getAll", cache -> cache.getAll(Set.of("k")));
    loads.put("loadAll, replacing", cache -> load(cache, true));
    loads.put("loadAll", cache -> load(cache, false));
    return loads;
  }

  private static void load(Cache<String, String> cache, boolean replacing) {
    CompletionListenerFuture done = new CompletionListenerFuture();
    cache.loadAll(Set.of("k"), replacing, done);
    try {
      done.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aChangeThatReturnedWinsOverALoadThatBeganBefore() throws Exception {
    for (var load : loads().entrySet()) {
      for (var change : changes().entrySet()) {
        String what = change.getKey() + " during " + load.getKey();
        Slow loader = new Slow();
        Mirror mirror = new Mirror();
        Cache<String, String> cache =
            manager.createCache(
                what,
                new MutableConfiguration<String, String>()
                    .setTypes(String.class, String.class)
                    .setReadThrough(true)
                    .setCacheLoaderFactory(() -> loader)
                    .addCacheEntryListenerConfiguration(
                        new MutableCacheEntryListenerConfiguration<>(
                            () -> mirror, null, true, true)));
        FutureTask<Boolean> reader =
            new FutureTask<>(() -> removed(() -> load.getValue().accept(cache)));
        Thread.ofPlatform().daemon().start(reader);
        loader.loading.await();
        change.getValue().accept(cache);
        loader.finish.countDown();
        reader.get();
        boolean removes = change.getKey().contains("emove") || change.getKey().equals("clear");
        assertEquals(!removes, cache.containsKey("k"), what);
        if (!removes) {
          assertEquals("new", cache.get("k"), what);
        }
        assertEquals(removes ? null : "new", mirror.get("k"), () -> what + mirror.events);
        assertEquals("old", removes ? cache.get("k") : "old"); // the next get loads
        manager.destroyCache(what);
      }
    }
  }

  @Test
  void aLoadIsSharedByAllThatWantTheKey() throws Exception { // R5
    Slow loader = new Slow();
    Cache<String, String> cache =
        manager.createCache(
            "shared",
            new MutableConfiguration<String, String>()
                .setTypes(String.class, String.class)
                .setReadThrough(true)
                .setCacheLoaderFactory(() -> loader));
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletableFuture<String> first =
          CompletableFuture.supplyAsync(() -> cache.get("k"), executor);
      loader.loading.await();
      CompletableFuture<String> second =
          CompletableFuture.supplyAsync(() -> cache.get("k"), executor);
      CompletableFuture<Map<String, String>> third =
          CompletableFuture.supplyAsync(() -> cache.getAll(Set.of("k", "l")), executor);
      loader.finish.countDown();
      assertEquals("old", first.get(30, TimeUnit.SECONDS));
      assertEquals("old", second.get(30, TimeUnit.SECONDS));
      assertEquals(Map.of("k", "old", "l", "old"), third.get(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void aFileInUseIsACacheException(@TempDir Path directory) {
    CarafeConfiguration<String, String> configuration =
        new CarafeConfiguration<String, String>()
            .setFile(FileOptions.at(directory.resolve("f"), 1 << 20))
            .setKeyCodec(Codec.utf8())
            .setValueCodec(Codec.utf8());
    var _ = manager.createCache("a", configuration);
    CacheException thrown =
        assertThrows(CacheException.class, () -> manager.createCache("b", configuration));
    assertInstanceOf(FileInUseException.class, thrown.getCause());
    assertNull(manager.getCache("b"));
  }

  @Test
  void whatExpiresIsNoEviction() throws Exception {
    Cache<Integer, String> cache =
        manager.createCache(
            "expiring",
            new MutableConfiguration<Integer, String>()
                .setTypes(Integer.class, String.class)
                .setStatisticsEnabled(true)
                .setExpiryPolicyFactory(
                    CreatedExpiryPolicy.factoryOf(new Duration(TimeUnit.MILLISECONDS, 1))));
    for (int key = 0; key < 100; key++) {
      cache.put(key, "v");
    }
    CarafeJCache<?, ?> unwrapped = cache.unwrap(CarafeJCache.class);
    long bound = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (unwrapped.parts().operations().carafe.estimatedSize() > 0 && System.nanoTime() < bound) {
      unwrapped.parts().operations().carafe.cleanUp();
      Thread.onSpinWait();
    }
    Set<ObjectName> names =
        ManagementFactory.getPlatformMBeanServer()
            .queryNames(new ObjectName("javax.cache:type=CacheStatistics,Cache=expiring,*"), null);
    for (ObjectName name : names) {
      assertEquals(
          0L, ManagementFactory.getPlatformMBeanServer().getAttribute(name, "CacheEvictions"));
    }
    assertEquals(1, names.size());
  }
}
