package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.carafe.Carafe;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code close()} inside an operation of the same cache throws at once, and the cache stays usable
 * (contract M4).
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CloseFromInsideTest {
  /** An operation that runs a task inside a callback. */
  record Inside(String name, Operation operation) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Runs a task inside a call of the cache. */
  interface Operation {
    void run(Carafe<Long, byte[]> cache, Runnable task);
  }

  static Stream<Inside> insides() {
    return Stream.of(
        new Inside(
            "reader",
            (cache, task) ->
                cache.read(
                    1L,
                    bytes -> {
                      task.run();
                      return "";
                    })),
        new Inside("writer", (cache, task) -> cache.put(2L, 3, bytes -> task.run())),
        new Inside(
            "reader in a reader",
            (cache, task) ->
                cache.read(
                    1L,
                    outer ->
                        cache.read(
                            1L,
                            bytes -> {
                              task.run();
                              return "";
                            }))),
        new Inside(
            "loader",
            (cache, task) -> {
              byte[] loaded =
                  cache.get(
                      3L,
                      key -> {
                        task.run();
                        return new byte[1];
                      });
              assertEquals(1, loaded.length);
            }),
        new Inside(
            "computation",
            (cache, task) ->
                cache
                    .asMap()
                    .compute(
                        1L,
                        (key, value) -> {
                          task.run();
                          return value;
                        })));
  }

  @ParameterizedTest
  @MethodSource("insides")
  void throwsOnPlatformThreads(Inside inside) {
    refused(inside);
  }

  @ParameterizedTest
  @MethodSource("insides")
  void throwsOnVirtualThreads(Inside inside) throws Exception {
    FutureTask<Boolean> task =
        new FutureTask<>(() -> {
          refused(inside);
          return true;
        });
    Thread.ofVirtual().start(task);
    assertEquals(true, task.get());
  }

  private static void refused(Inside inside) {
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    try (Carafe<Long, byte[]> cache = Caches.builder(Caches.MIB).build()) {
      byte[] value = {1, 2, 3};
      cache.put(1L, value);
      AutoCloseable self = cache;
      inside.operation.run(
          cache,
          () -> {
            try {
              self.close();
            } catch (Throwable t) {
              thrown.set(t);
            }
          });
      assertInstanceOf(IllegalStateException.class, thrown.get());
      assertArrayEquals(value, cache.getIfPresent(1L));
      cache.put(4L, value);
      assertArrayEquals(value, cache.getIfPresent(4L));
    }
  }
}
