package dev.carafe.cache;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.carafe.CarafeBuilder;
import dev.carafe.base.LogsOff;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loads that the application cancels, fails, replaces or removes leave no load under way (R2, R5,
 * F4, F5). Compares with Caffeine where possible.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("FutureReturnValueIgnored") // tests read the results from the cache
@LogsOff
final class FlightsTest {

  private static final String HUGE = "x".repeat(70_000); // more than a key's encoding may have

  @TempDir Path directory;
  private int files;

  private CarafeBuilder<String, String> builder(boolean file) {
    return Caches.strings(file ? directory.resolve("f" + files++) : null);
  }

  static void checkNoLoadIsUnderWay(Object cache) {
    CacheContext<?, ?> context =
        cache instanceof AsyncCarafeCache<?, ?> async
            ? async.context
            : ((CarafeCache<?, ?>) cache).context;
    context.tiers().cache.flights().checkInvariants();
  }

  @Test
  void completedFuturesAreNotReturnedAgain() {
    List<Consumer<CompletableFuture<String>>> ends =
        List.of(
            future -> future.cancel(true),
            future -> future.completeExceptionally(new IllegalStateException("user")));
    for (boolean file : new boolean[] {false, true}) {
      for (Consumer<CompletableFuture<String>> end : ends) {
        try (var cache = builder(file).executor(Runnable::run).buildAsync()) {
          CompletableFuture<String> loading = new CompletableFuture<>();
          end.accept(cache.get("k", (k, executor) -> loading));
          assertEquals(
              "second",
              cache.get("k", (k, e) -> CompletableFuture.completedFuture("second")).join());
          loading.complete("late");
          assertEquals("second", cache.synchronous().getIfPresent("k"));
          checkNoLoadIsUnderWay(cache);
        }
      }
    }
  }

  @Test
  void keysThatTheCodecRejectsAffectNoOtherKey() {
    for (int again = 0; again < 2; again++) {
      try (var cache = builder(true).executor(Runnable::run).buildAsync((String k) -> "v")) {
        Class<IllegalArgumentException> refused = IllegalArgumentException.class;
        assertThrows(refused, () -> cache.get(HUGE));
        assertThrows(refused, () -> cache.getAll(List.of("a", HUGE), keys -> Map.of("a", "b")));
        assertThrows(refused, () -> cache.synchronous().refresh(HUGE));
        assertThrows(refused, () -> cache.synchronous().getAll(List.of("b", HUGE)));
        assertEquals("v", cache.get("a").join());
        assertEquals(Map.of(), cache.synchronous().policy().refreshes());
        checkNoLoadIsUnderWay(cache);
      }
    }
  }

  private static Map<String, Consumer<LoadingCache<String, String>>> removals() {
    Map<String, Consumer<LoadingCache<String, String>>> removals = new LinkedHashMap<>();
    removals.put("invalidate", c -> c.invalidate("k"));
    removals.put("invalidateAll", LoadingCache::invalidateAll);
    removals.put("map remove", c -> c.asMap().remove("k"));
    removals.put("map remove of a value", c -> c.asMap().remove("k", "v1"));
    removals.put("compute to null", c -> c.asMap().compute("k", (k, v) -> null));
    removals.put("computeIfPresent", c -> c.asMap().computeIfPresent("k", (k, v) -> null));
    removals.put("clear", c -> c.asMap().clear());
    return removals;
  }

  /** The removal may wait for the loader, as in Caffeine; when it returned, the value is gone. */
  @Test
  void removalsSupersedeLoads() throws Exception { // R2, R4
    for (boolean async : new boolean[] {false, true}) {
      for (boolean file : new boolean[] {false, true}) {
        for (boolean bulk : new boolean[] {false, true}) {
          for (var removal : removals().entrySet()) {
            removeDuringLoad(new Way(async, file, bulk), removal.getKey(), removal.getValue());
          }
        }
      }
    }
  }

  /** How the value is loaded, and where. */
  private record Way(boolean async, boolean file, boolean bulk) {}

  private void removeDuringLoad(
      Way way, String name, Consumer<LoadingCache<String, String>> removal) throws Exception {
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    CacheLoader<String, String> loader =
        key -> {
          loading.countDown();
          finish.await();
          return "v1";
        };
    AutoCloseable opened =
        way.async ? builder(way.file).buildAsync(loader) : builder(way.file).build(loader);
    try (opened) {
      @SuppressWarnings("unchecked")
      LoadingCache<String, String> cache =
          way.async
              ? ((AsyncLoadingCache<String, String>) opened).synchronous()
              : (LoadingCache<String, String>) opened;
      var reader =
          CompletableFuture.runAsync(
              () -> {
                Object seen = way.bulk ? cache.getAll(List.of("k")) : cache.get("k");
                assertEquals(way.bulk ? Map.of("k", "v1") : "v1", seen);
              },
              FlightsTest::onAThread);
      loading.await();
      var remover = CompletableFuture.runAsync(() -> removal.accept(cache), FlightsTest::onAThread);
      if (name.startsWith("invalidate") || name.equals("clear")) {
        remover.get(30, TimeUnit.SECONDS); // these don't wait
      }
      finish.countDown();
      remover.get(30, TimeUnit.SECONDS);
      reader.get(30, TimeUnit.SECONDS);
      String what = name + " " + way;
      assertNull(cache.getIfPresent("k"), what);
      checkNoLoadIsUnderWay(opened);
    }
  }

  private static void onAThread(Runnable task) {
    Thread.ofPlatform().daemon().start(task);
  }

  @Test
  void listenersAreNotifiedOfSupersededFutures() {
    Map<String, Consumer<AsyncCache<String, String>>> changes = new LinkedHashMap<>();
    changes.put("put", c -> c.put("k", CompletableFuture.completedFuture("2")));
    changes.put("invalidate", c -> c.synchronous().invalidate("k"));
    changes.put("invalidateAll", c -> c.synchronous().invalidateAll());
    changes.put("map remove", c -> c.asMap().remove("k"));
    changes.put("put of the same", c -> c.put("k", requireNonNull(c.asMap().get("k"))));
    changes.forEach((name, change) -> {
      List<String> theirs = new ArrayList<>();
      List<String> ours = new ArrayList<>();
      AsyncCache<String, String> caffeine =
          Caffeine.newBuilder()
              .executor(Runnable::run)
              .<String, String>removalListener((k, v, cause) -> theirs.add(k + v + cause))
              .buildAsync();
      CompletableFuture<String> first = new CompletableFuture<>();
      caffeine.put("k", first);
      change.accept(caffeine);
      first.complete("1");
      try (var cache =
          builder(false)
              .executor(Runnable::run)
              .removalListener((k, v, cause) -> ours.add(k + v + cause))
              .buildAsync()) {
        CompletableFuture<String> second = new CompletableFuture<>();
        cache.put("k", second);
        change.accept(cache);
        second.complete("1");
        checkNoLoadIsUnderWay(cache);
      }
      Collections.sort(theirs);
      Collections.sort(ours);
      assertEquals(theirs, ours, name);
    });
  }

  @Test
  void rejectedTasksEndTheLoad() {
    Executor refusing =
        task -> {
          throw new RejectedExecutionException("no");
        };
    try (var cache = builder(true).executor(refusing).buildAsync((String k) -> "v")) {
      assertThrows(RejectedExecutionException.class, () -> cache.get("k"));
      assertThrows(RejectedExecutionException.class, () -> cache.synchronous().refresh("k"));
      checkNoLoadIsUnderWay(cache);
      assertEquals("w", cache.get("k", (k, e) -> CompletableFuture.completedFuture("w")).join());
    }
  }

  @Test
  void cancelledRefreshesAreRepeated() throws ExecutionException, InterruptedException {
    List<CompletableFuture<String>> reloads = new ArrayList<>();
    CacheLoader<String, String> loader =
        new CacheLoader<>() {
          @Override
          public String load(String key) {
            return "loaded";
          }

          @Override
          public CompletableFuture<String> asyncReload(String key, String old, Executor executor) {
            reloads.add(new CompletableFuture<>());
            return reloads.getLast();
          }
        };
    try (var cache = builder(true).executor(Runnable::run).build(loader)) {
      cache.put("k", "old");
      cache.refresh("k").cancel(true);
      CompletableFuture<String> again = cache.refresh("k");
      reloads.get(0).complete("late");
      assertEquals("old", cache.getIfPresent("k"));
      reloads.get(1).complete("new");
      assertEquals("new", again.get());
      assertEquals("new", cache.getIfPresent("k"));
      checkNoLoadIsUnderWay(cache);
    }
  }
}
