package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.FileOptions.Io;
import dev.carafe.base.Together;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Loaders: single flight (contract R5), exceptions, interrupts and concurrent writes (contract F4,
 * R1, R2).
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LoadingTest {
  private static final int THREADS = 8;

  @TempDir Path directory;

  private Carafe<Long, byte[]> open() {
    return Caches.builder(MIB, directory.resolve("c"), 16 * MIB, Io.AUTO).build();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneThreadLoadsForAll(boolean virtual) { // R5
    try (Carafe<Long, byte[]> cache = open()) {
      for (long round = 0; round < 50; round++) {
        long key = round;
        AtomicInteger loads = new AtomicInteger();
        Together.Work work =
            me ->
                assertArrayEquals(
                    value(key, 0, 500),
                    cache.get(
                        key,
                        k -> {
                          loads.incrementAndGet();
                          Thread.yield();
                          return value(k, 0, 500);
                        }));
        if (virtual) {
          Together.virtual(THREADS, work);
        } else {
          Together.platform(THREADS, work);
        }
        assertEquals(1, loads.get());
      }
    }
  }

  @Test
  void oneThreadReadsTheFileForAll() { // R5
    try (Carafe<Long, byte[]> cache = open()) {
      for (long key = 0; key < 1000; key++) {
        cache.put(key, value(key, 0, 3000));
      }
    }
    try (Carafe<Long, byte[]> cache = open()) { // memory has room, so each read is promoted
      for (long round = 0; round < 50; round++) {
        long key = round;
        long before = cache.tierStats().file().hits();
        Together.platform(
            THREADS, me -> assertArrayEquals(value(key, 0, 3000), cache.getIfPresent(key)));
        assertTrue(cache.tierStats().file().hits() - before <= 1);
      }
    }
  }

  /** Callers get the loader's exception itself, waiting callers load again, and no load is left. */
  @Test
  void loaderThrows() {
    try (Carafe<Long, byte[]> cache = open()) {
      for (Throwable thrown :
          new Throwable[] {new ArithmeticException("no"), new AssertionError("no")}) {
        AtomicInteger calls = new AtomicInteger();
        Together.platform(
            THREADS,
            me -> {
              Throwable seen =
                  assertThrows(
                      thrown.getClass(),
                      () ->
                          cache.get(
                              1L,
                              k -> {
                                calls.incrementAndGet();
                                return LoadingTest.<byte[]>sneak(thrown);
                              }));
              assertSame(thrown, seen);
            });
        assertEquals(THREADS, calls.get());
        assertNull(cache.getIfPresent(1L));
      }
      assertArrayEquals(value(1, 0, 10), cache.get(1L, k -> value(k, 0, 10)));
    }
  }

  private static <T> T sneak(Throwable thrown) {
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    throw (Error) thrown;
  }

  @Test
  void loaderCallsTheCache() {
    try (Carafe<Long, byte[]> cache = open()) {
      byte[] first = cache.get(1L, k -> cache.get(2L, l -> cache.get(3L, m -> value(m, 0, 100))));
      assertArrayEquals(value(3, 0, 100), first);
      for (long key = 1; key <= 3; key++) {
        assertArrayEquals(value(3, 0, 100), cache.getIfPresent(key));
      }
      assertThrows(
          IllegalStateException.class,
          () -> cache.get(4L, k -> cache.get(5L, l -> cache.get(4L, m -> new byte[1]))));
      byte[] second =
          cache.get(
              6L,
              k -> {
                cache.put(7L, new byte[7]);
                cache.invalidate(1L);
                cache.flush();
                return new byte[6];
              });
      assertEquals(6, second.length);
      assertNull(cache.getIfPresent(1L));
    }
  }

  @Test
  void waitingCallersKeepTheInterruptStatus() throws Exception {
    try (Carafe<Long, byte[]> cache = open()) {
      CountDownLatch loading = new CountDownLatch(1);
      CountDownLatch finish = new CountDownLatch(1);
      FutureTask<byte[]> leader =
          new FutureTask<>(() ->
              cache.get(
                  1L,
                  k -> {
                    loading.countDown();
                    awaitQuietly(finish);
                    return value(k, 0, 100);
                  }));
      var _ = Together.start(leader);
      loading.await();
      FutureTask<Boolean> follower =
          new FutureTask<>(() -> {
            byte[] seen = cache.get(1L, k -> value(k, 1, 100));
            assertArrayEquals(value(1, 0, 100), seen);
            return Thread.interrupted();
          });
      Thread waiting = Together.start(follower);
      Together.untilItWaits(waiting);
      waiting.interrupt();
      finish.countDown();
      assertTrue(follower.get(), "the interrupt was swallowed");
      assertArrayEquals(value(1, 0, 100), leader.get());
    }
  }

  /** An interrupted loader's exception reaches the caller, and the interrupt status is kept. */
  @Test
  void loaderIsInterrupted() {
    try (Carafe<Long, byte[]> cache = open()) {
      Together.platform(
          1,
          me -> {
            Thread.currentThread().interrupt();
            byte[] loaded = cache.get(1L, k -> value(k, 0, 3000));
            assertTrue(Thread.interrupted());
            assertArrayEquals(loaded, cache.getIfPresent(1L));
          });
    }
  }

  @Test
  void writesSupersedeLoads() throws Exception { // R1, R2
    BiConsumer<Carafe<Long, byte[]>, Long> put = (cache, key) -> cache.put(key, value(key, 9, 50));
    BiConsumer<Carafe<Long, byte[]>, Long> remove = (cache, key) -> cache.invalidate(key);
    BiConsumer<Carafe<Long, byte[]>, Long> clear = (cache, key) -> cache.invalidateAll();
    try (Carafe<Long, byte[]> cache = open()) {
      long key = 0;
      for (var write : List.of(put, remove, clear)) {
        long mine = ++key;
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch finish = new CountDownLatch(1);
        FutureTask<byte[]> load =
            new FutureTask<>(() ->
                cache.get(
                    mine,
                    k -> {
                      loading.countDown();
                      awaitQuietly(finish);
                      return value(k, 0, 100);
                    }));
        var _ = Together.start(load);
        loading.await();
        write.accept(cache, mine);
        finish.countDown();
        byte[] loaded = load.get();
        assertArrayEquals(write == put ? value(mine, 9, 50) : value(mine, 0, 100), loaded);
        byte[] now = cache.getIfPresent(mine);
        if (write == put) {
          assertArrayEquals(value(mine, 9, 50), now);
        } else {
          assertNull(now, "a load that was older than the removal was kept");
        }
      }
    }
  }

  /** Regression, found by Lincheck: the loaded value was returned and not stored. */
  @Test
  void loadAfterARemovalIsStored() throws Exception { // R4
    try (Carafe<HashHookKey, byte[]> cache =
        Carafe.newBuilder()
            .keyCodec(HashHookKey.codec())
            .valueCodec(Codec.bytes())
            .memory(MIB)
            .build()) {
      HashHookKey key = new HashHookKey(1, () -> {});
      cache.put(key, value(1, 0, 100));
      CountDownLatch loading = new CountDownLatch(1);
      List<FutureTask<byte[]>> gets = new ArrayList<>();
      cache.invalidate(
          new HashHookKey(
              1,
              () -> {
                if (loading.getCount() > 0) {
                  FutureTask<byte[]> get =
                      new FutureTask<>(() ->
                          cache.get(
                              key,
                              k -> {
                                loading.countDown();
                                return value(1, 1, 100);
                              }));
                  gets.add(get);
                  Thread thread = Together.start(get);
                  while (thread.isAlive() && loading.getCount() > 0) {
                    Thread.yield();
                  }
                }
              }));
      assertEquals(0, loading.getCount(), "the value was never gone while it was invalidated");
      assertArrayEquals(value(1, 1, 100), gets.getLast().get());
      assertArrayEquals(value(1, 1, 100), cache.getIfPresent(key));
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Regression, found by Lincheck: the load returned its own value in place of the newer put. */
  @Test
  void bulkLoadReturnsConcurrentPuts() { // R4
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).build()) {
      byte[] put = {2};
      var found =
          cache.getAll(
              List.of(1L),
              keys -> {
                cache.put(1L, put);
                return Map.of(1L, new byte[] {1});
              });
      assertArrayEquals(put, found.get(1L));
      assertArrayEquals(put, cache.getIfPresent(1L));
    }
  }
}
