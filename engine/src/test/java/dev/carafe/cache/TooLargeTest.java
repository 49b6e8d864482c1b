package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Weigher;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.FileOptions.Io;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A value that no tier can hold is not stored, is counted (contract B3), and removes the key's
 * previous value (R1). Listeners are notified as by Caffeine of an entry that exceeds the maximum
 * weight.
 */
final class TooLargeTest {
  private static final int BYTES = 5 << 20;
  private static final byte[] LARGE = new byte[BYTES];
  private static final byte[] SMALL = {1};

  @TempDir Path directory;
  private final List<String> removed = new ArrayList<>();
  private final List<String> evicted = new ArrayList<>();

  private CarafeBuilder<Long, byte[]> builder(boolean withFile) {
    CarafeBuilder<Long, byte[]> builder =
        withFile
            ? Caches.builder(MIB, directory.resolve("c"), 4 * MIB, Io.AUTO)
            : Caches.builder(MIB);
    return builder.executor(Runnable::run).recordStats();
  }

  private CarafeBuilder<Long, byte[]> recordNotifications(boolean withFile) {
    return builder(withFile)
        .removalListener((key, value, cause) -> removed.add(text(key, value, cause)))
        .evictionListener((key, value, cause) -> evicted.add(text(key, value, cause)));
  }

  private static String text(@Nullable Long key, byte @Nullable [] value, Object cause) {
    return key + " " + (value == null ? -1 : value.length) + " " + cause;
  }

  private static Map<String, Consumer<Cache<Long, byte[]>>> writes() {
    return Map.of(
        "put", cache -> cache.put(1L, LARGE),
        "putAll", cache -> cache.putAll(Map.of(1L, LARGE)),
        "map put",
            cache -> {
              var _ = cache.asMap().put(1L, LARGE);
            },
        "replace", cache -> cache.asMap().replace(1L, LARGE),
        "replace if", cache -> cache.asMap().replace(1L, SMALL, LARGE),
        "compute", cache -> cache.asMap().compute(1L, (key, value) -> LARGE),
        "computeIfPresent", cache -> cache.asMap().computeIfPresent(1L, (key, value) -> LARGE),
        "merge", cache -> cache.asMap().merge(1L, SMALL, (one, other) -> LARGE),
        "replaceAll", cache -> cache.asMap().replaceAll((key, value) -> LARGE),
        "variable",
            cache ->
                cache
                    .policy()
                    .expireVariably()
                    .ifPresentOrElse(
                        policy -> {
                          var _ = policy.put(1L, LARGE, Duration.ofHours(1));
                        },
                        () -> cache.put(1L, LARGE)));
  }

  @Test
  void writesRemoveThePreviousValue() {
    for (boolean withFile : new boolean[] {false, true}) {
      for (boolean timed : new boolean[] {false, true}) {
        writes()
            .forEach((name, write) -> {
              removed.clear();
              evicted.clear();
              CarafeBuilder<Long, byte[]> builder = recordNotifications(withFile);
              if (timed) {
                builder.expireAfter(Expiry.writing((key, value) -> Duration.ofHours(2)));
              }
              try (Carafe<Long, byte[]> cache = builder.build()) {
                cache.put(1L, SMALL);
                write.accept(cache);
                assertNull(cache.getIfPresent(1L), name);
                assertEquals(0, cache.estimatedSize(), name);
                assertEquals(List.of("1 1 REPLACED", "1 " + BYTES + " SIZE"), removed, name);
                assertEquals(List.of("1 " + BYTES + " SIZE"), evicted, name);
                assertEquals(1, cache.stats().evictionCount(), name);
                assertEquals(1, cache.tierStats().memory().dropped(), name);
                assertEquals(withFile ? 1 : 0, cache.tierStats().file().refusedTooLarge(), name);
                Caches.checkCounters(cache);
              }
            });
      }
    }
  }

  @Test
  void notificationsMatchCaffeine() {
    Weigher<Long, byte[]> bytes = (key, value) -> value.length;
    Cache<Long, byte[]> cache =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumWeight(MIB)
            .weigher(bytes)
            .removalListener((key, value, cause) -> removed.add(text(key, value, cause)))
            .build();
    cache.put(1L, SMALL);
    cache.put(1L, LARGE);
    assertNull(cache.getIfPresent(1L));
    assertEquals(
        List.of("1 1 REPLACED", "1 " + BYTES + " SIZE"), removed.stream().sorted().toList());
  }

  @Test
  void previousFlushedValueIsAbsentAfterARestart() {
    try (Carafe<Long, byte[]> cache = builder(true).build()) {
      cache.put(1L, SMALL);
      cache.flush();
      cache.put(1L, LARGE);
    }
    try (Carafe<Long, byte[]> cache = builder(true).build()) {
      assertNull(cache.getIfPresent(1L));
      assertEquals(0, cache.estimatedSize());
    }
  }

  @Test
  void writersAreNotCalled() {
    for (boolean timed : new boolean[] {false, true}) {
      CarafeBuilder<Long, byte[]> builder = recordNotifications(false);
      if (timed) {
        builder.expireAfter(Expiry.writing((key, value) -> Duration.ofHours(2)));
      }
      removed.clear();
      try (Carafe<Long, byte[]> cache = builder.build()) {
        cache.put(1L, SMALL);
        cache.put(
            1L,
            BYTES,
            target -> {
              throw new AssertionError("called");
            });
        assertNull(cache.getIfPresent(1L));
        assertEquals(List.of("1 1 REPLACED"), removed);
        assertEquals(1, cache.tierStats().memory().dropped());
        Caches.checkCounters(cache);
      }
    }
  }

  @Test
  void loadedValuesAreReturnedAndNotStored() {
    for (boolean withFile : new boolean[] {false, true}) {
      removed.clear();
      try (var cache = recordNotifications(withFile).build(key -> LARGE)) {
        assertArrayEquals(LARGE, cache.get(1L));
        assertArrayEquals(LARGE, cache.get(2L, key -> LARGE));
        assertArrayEquals(LARGE, cache.asMap().computeIfAbsent(3L, key -> LARGE));
        assertEquals(2, cache.getAll(List.of(4L, 5L)).size());
        cache.put(6L, SMALL);
        assertArrayEquals(LARGE, cache.refresh(6L).join());
        assertArrayEquals(LARGE, cache.refresh(7L).join());
        assertEquals(Map.of(), cache.asMap());
        assertEquals(7, cache.tierStats().memory().dropped());
        assertEquals(7, cache.stats().evictionCount());
        assertEquals(7, removed.stream().filter(text -> text.endsWith(" SIZE")).count());
        assertEquals(8, removed.size(), removed::toString);
        Caches.checkCounters(cache);
      }
    }
  }

  @Test
  void asynchronousCacheDoesNotStoreThem() {
    try (var cache = recordNotifications(false).buildAsync((Long key) -> LARGE)) {
      assertArrayEquals(LARGE, cache.get(1L).join());
      assertEquals(2, cache.getAll(List.of(2L, 3L)).join().size());
      cache.put(4L, CompletableFuture.completedFuture(SMALL));
      cache.put(4L, CompletableFuture.completedFuture(LARGE));
      cache.synchronous().put(5L, LARGE);
      assertEquals(Map.of(), cache.synchronous().asMap());
      assertFalse(cache.asMap().containsKey(4L));
      assertEquals(5, cache.synchronous().tierStats().memory().dropped());
      Caches.checkCounters(cache.synchronous());
    }
  }

  @Test
  void firstOneIsLogged() {
    List<String> notifications = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            notifications.add(record.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger("dev.carafe");
    logger.addHandler(handler);
    try (Carafe<Long, byte[]> cache = builder(false).build()) {
      cache.put(1L, LARGE);
      cache.put(2L, LARGE);
    } finally {
      logger.removeHandler(handler);
    }
    assertEquals(1, notifications.size(), notifications::toString);
    assertTrue(notifications.getFirst().contains(String.valueOf(BYTES)), notifications::toString);
    assertTrue(notifications.getFirst().contains(String.valueOf(MIB - 8)), notifications::toString);
  }
}
