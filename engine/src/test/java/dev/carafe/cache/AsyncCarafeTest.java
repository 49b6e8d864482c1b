package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.AsyncCarafe;
import dev.carafe.AsyncLoadingCarafe;
import dev.carafe.FileOptions.Io;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Asynchronous caches, with and without a file. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class AsyncCarafeTest {
  @TempDir Path directory;

  /** An executor that runs its tasks on request, so that a test can observe loads under way. */
  private static final class Later implements Executor {
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    void runAll() {
      for (Runnable next = tasks.poll(); next != null; next = tasks.poll()) {
        next.run();
      }
    }
  }

  private AsyncCarafe<Long, byte[]> overFile(Io io) {
    return Caches.builder(MIB, directory.resolve("c"), 64 * MIB, UsableDevices.usable(io))
        .buildAsync();
  }

  @Test
  void callersShareTheFutureOfALoad() {
    Later later = new Later();
    try (AsyncCarafe<Long, byte[]> cache = Caches.builder(MIB).executor(later).buildAsync()) {
      assertNull(cache.getIfPresent(1L));
      AtomicInteger loads = new AtomicInteger();
      CompletableFuture<byte[]> first = cache.get(1L, k -> value(k, loads.getAndIncrement(), 10));
      CompletableFuture<byte[]> second = cache.get(1L, k -> value(k, loads.getAndIncrement(), 10));
      assertSame(first, second);
      assertSame(first, cache.getIfPresent(1L));
      assertSame(first, cache.asMap().get(1L));
      assertFalse(first.isDone());
      assertNull(cache.synchronous().getIfPresent(1L));
      later.runAll();
      assertArrayEquals(value(1, 0, 10), first.join());
      assertArrayEquals(value(1, 0, 10), cache.synchronous().getIfPresent(1L));
      assertArrayEquals(value(1, 0, 10), present(cache, 1).join());
      assertEquals(1, loads.get());
    }
  }

  /** Regression: completed reads held all buffers until the thread that waited for one ran. */
  @ParameterizedTest
  @EnumSource(Io.class)
  void aReadDoesNotWaitForReadsThatTheExecutorHasNotFinished(Io io) {
    Later later = new Later();
    Io usable = UsableDevices.usable(io);
    try (AsyncCarafe<Long, byte[]> cache =
        Caches.builder(MIB, directory.resolve("c"), 64 * MIB, usable)
            .executor(later)
            .buildAsync()) {
      for (long key = 0; key < 1500; key++) {
        cache.synchronous().put(key, value(key, 0, 10_000));
      }
      List<CompletableFuture<byte[]>> all = new ArrayList<>();
      for (long key = 0; key < 300; key++) {
        all.add(cache.get(key, k -> new byte[0]));
      }
      for (long key = 300; key < 600; key++) {
        assertArrayEquals(value(key, 0, 10_000), cache.synchronous().getIfPresent(key));
      }
      while (all.stream().anyMatch(future -> !future.isDone())) {
        later.runAll();
      }
      for (int key = 0; key < 300; key++) {
        assertArrayEquals(value(key, 0, 10_000), all.get(key).join(), "key " + key);
      }
    }
  }

  private static CompletableFuture<byte[]> present(AsyncCarafe<Long, byte[]> cache, long key) {
    return Objects.requireNonNull(cache.getIfPresent(key), "key " + key);
  }

  @ParameterizedTest
  @EnumSource(Io.class)
  void futuresReadTheFile(Io io) {
    try (AsyncCarafe<Long, byte[]> cache = overFile(io)) {
      for (long key = 0; key < 500; key++) {
        cache.synchronous().put(key, value(key, 0, 10_000));
      }
      List<CompletableFuture<byte[]>> all = new ArrayList<>();
      for (long key = 0; key < 500; key++) {
        all.add(cache.get(key, k -> new byte[0]));
      }
      for (int key = 0; key < 500; key++) {
        assertArrayEquals(value(key, 0, 10_000), all.get(key).join(), "key " + key);
      }
      Set<Long> keys = LongStream.range(490, 510).boxed().collect(Collectors.toSet());
      Map<Long, byte[]> some =
          cache
              .getAll(
                  keys,
                  missing ->
                      missing.stream().collect(Collectors.toMap(k -> k, k -> value(k, 1, 5))))
              .join();
      assertEquals(keys, some.keySet());
      assertArrayEquals(value(491, 0, 10_000), some.get(491L));
      assertArrayEquals(value(505, 1, 5), some.get(505L));
      assertTrue(cache.synchronous().tierStats().file().hits() > 300);
    }
  }

  @Test
  void putOfAFutureSupersedesALoad() {
    Later later = new Later();
    try (AsyncCarafe<Long, byte[]> cache = Caches.builder(MIB).executor(later).buildAsync()) {
      CompletableFuture<byte[]> loading = cache.get(1L, k -> value(1, 0, 10));
      CompletableFuture<byte[]> put = new CompletableFuture<>();
      cache.put(1L, put);
      assertSame(put, cache.getIfPresent(1L));
      later.runAll();
      assertArrayEquals(value(1, 0, 10), loading.join());
      assertNull(cache.synchronous().getIfPresent(1L)); // the put is newer than the load
      put.complete(value(1, 1, 10));
      later.runAll();
      assertArrayEquals(value(1, 1, 10), present(cache, 1).join());
      cache.synchronous().put(2L, value(2, 0, 1));
      cache.put(2L, new CompletableFuture<>());
      assertNull(cache.synchronous().getIfPresent(2L));
      cache.synchronous().invalidate(2L);
      assertNull(cache.getIfPresent(2L));
    }
  }

  @Test
  void failedFuturesAreRemoved() {
    try (AsyncCarafe<Long, byte[]> cache =
        Caches.builder(MIB).executor(Runnable::run).buildAsync()) {
      CompletableFuture<byte[]> failed =
          cache.get(
              1L,
              k -> {
                throw new ArithmeticException("no");
              });
      assertThrows(CompletionException.class, failed::join);
      assertNull(cache.getIfPresent(1L));
      assertThrows(
          ArithmeticException.class,
          () ->
              cache.get(
                  1L,
                  (k, executor) -> {
                    throw new ArithmeticException("at once");
                  }));
      assertNull(cache.getIfPresent(1L));
      assertTrue(cache.asMap().isEmpty());
    }
  }

  @Test
  void loaderLoadsSingleKeysAndInBulk() {
    AtomicInteger loads = new AtomicInteger();
    try (AsyncLoadingCarafe<Long, byte[]> cache =
        Caches.builder(MIB, directory.resolve("c"), 64 * MIB, Io.AUTO)
            .recordStats()
            .buildAsync((Long key) -> value(key, loads.incrementAndGet(), 100))) {
      assertArrayEquals(value(1, 1, 100), cache.get(1L).join());
      assertArrayEquals(value(1, 1, 100), cache.synchronous().get(1L));
      assertEquals(Set.of(1L, 2L, 3L), cache.getAll(List.of(1L, 2L, 3L)).join().keySet());
      assertEquals(3, loads.get());
      assertNotNull(cache.synchronous().refresh(1L).join());
      assertArrayEquals(value(1, 4, 100), cache.get(1L).join());
      assertEquals(4, cache.synchronous().stats().loadSuccessCount());
    }
  }

  @Test
  void mapOfFuturesUpdatesAtomically() {
    try (AsyncCarafe<Long, byte[]> cache = overFile(Io.AUTO)) {
      ConcurrentMap<Long, CompletableFuture<byte[]>> map = cache.asMap();
      CompletableFuture<byte[]> one = CompletableFuture.completedFuture(value(1, 0, 5));
      assertNull(map.putIfAbsent(1L, one));
      assertArrayEquals(one.join(), Objects.requireNonNull(map.putIfAbsent(1L, one)).join());
      assertTrue(map.replace(1L, one, CompletableFuture.completedFuture(value(1, 1, 5))));
      assertFalse(map.remove(1L, one));
      assertEquals(1, map.size());
      assertEquals(Set.of(1L), map.keySet());
      assertArrayEquals(value(1, 1, 5), Objects.requireNonNull(map.remove(1L)).join());
      assertTrue(map.isEmpty());
    }
  }

  @Test
  void closeEndsReadsThatWaitForTheExecutor() {
    Later later = new Later();
    CompletableFuture<byte[]> reading;
    try (AsyncCarafe<Long, byte[]> cache =
        Caches.builder(MIB, directory.resolve("c"), 64 * MIB, Io.AUTO)
            .executor(later)
            .buildAsync()) {
      for (long key = 0; key < 500; key++) {
        cache.synchronous().put(key, value(key, 0, 10_000));
      }
      reading = cache.get(0L, k -> new byte[0]);
      assertFalse(reading.isDone());
    }
    later.runAll();
    assertThrows(CompletionException.class, reading::join);
  }
}
