package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.Expiry;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.UnreadableValueException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Values that an older version of a codec wrote, and that the present version can't decode, are
 * misses.
 */
final class UnreadableValuesTest {
  private static final int KEYS = 20;

  @TempDir Path directory;
  private final AtomicInteger loads = new AtomicInteger();

  /** A codec that writes its version, and can't decode other versions. */
  private static Codec<String> version(int version) {
    return Codec.of(
        text -> (version + text).getBytes(StandardCharsets.UTF_8),
        bytes -> {
          if (bytes[0] != '0' + version) {
            throw new UnreadableValueException(
                String.class, new IllegalArgumentException("version " + bytes[0]));
          }
          return new String(bytes, 1, bytes.length - 1, StandardCharsets.UTF_8);
        });
  }

  private CarafeBuilder<Long, String> builder(int version) {
    return builder(version(version)).file(directory.resolve("c"), 4 * MIB);
  }

  private static CarafeBuilder<Long, String> builder(Codec<String> values) {
    return Carafe.newBuilder()
        .keyCodec(Codec.int64())
        .valueCodec(values)
        .memory(MIB / 2)
        .executor(Runnable::run);
  }

  private String load(Long key) {
    loads.incrementAndGet();
    return "new " + key;
  }

  @BeforeEach
  void anOlderVersionWrote() {
    try (Carafe<Long, String> cache = builder(1).build()) {
      for (long key = 0; key < KEYS; key++) {
        cache.put(key, "old " + key);
      }
    }
  }

  @Test
  void areMissesAndAreReplaced() {
    try (Carafe<Long, String> cache = builder(2).recordStats().build()) {
      assertNull(cache.getIfPresent(0L)); // from the file
      assertNull(cache.getIfPresent(0L)); // and then from memory
      assertEquals(2, cache.stats().missCount());
      assertFalse(cache.asMap().containsKey(1L));
      assertEquals(Map.of(), cache.getAllPresent(List.of(2L, 3L)));
      assertEquals(Map.of(), new TreeMap<>(cache.asMap()));
      cache.put(0L, "new");
      assertEquals("new", cache.getIfPresent(0L));
      assertNull(cache.asMap().putIfAbsent(1L, "new"));
      assertEquals("new", cache.getIfPresent(1L));
      assertNull(cache.asMap().remove(2L));
    }
    try (Carafe<Long, String> cache = builder(1).build()) {
      assertNull(cache.getIfPresent(2L)); // a removed value stays removed (R2)
      assertEquals("old 3", cache.getIfPresent(3L)); // a value that was not replaced is unchanged
    }
  }

  @Test
  @SuppressWarnings("NullAway") // the codec breaks its contract
  void decodingToNullIsAMiss() {
    Codec<String> nulls = Codec.of(text -> text.getBytes(StandardCharsets.UTF_8), bytes -> null);
    try (var cache =
        builder(nulls).file(directory.resolve("c"), 4 * MIB).recordStats().build(this::load)) {
      assertNull(cache.getIfPresent(0L));
      assertEquals(0, cache.stats().hitCount());
      assertEquals(1, cache.stats().missCount());
      assertEquals(Map.of(), cache.getAllPresent(List.of(1L)));
      assertFalse(cache.asMap().containsKey(2L));
      assertEquals("new 0", cache.get(0L));
      assertEquals(1, loads.get());
    }
  }

  @Test
  void areCountedAndReportedByHealth() {
    try (Carafe<Long, String> cache = builder(2).build()) {
      assertEquals("", cache.health().unreadable());
      assertEquals(0, cache.tierStats().unreadable());
      for (long key = 0; key < KEYS; key++) {
        assertNull(cache.getIfPresent(key));
      }
      assertNull(cache.getIfPresent(0L)); // in memory by now
      assertEquals(KEYS + 1, cache.tierStats().unreadable());
      String notifications = cache.health().unreadable();
      assertTrue(notifications.startsWith(KEYS + 1 + " reads"), notifications);
      assertTrue(notifications.contains("version 49"), notifications);
      cache.invalidateAll();
      assertNull(cache.getIfPresent(0L));
      assertEquals(KEYS + 1, cache.tierStats().unreadable());
      Caches.checkCounters(cache);
    }
  }

  @Test
  void listenersAreNotNotifiedOfThem() {
    nulls(builder -> {
      List<String> notifications = new ArrayList<>();
      builder.removalListener((key, value, cause) -> notifications.add(key + " " + cause));
      try (Carafe<Long, String> cache = builder.build()) {
        cache.put(0L, "new");
        cache.invalidate(0L);
        assertEquals(List.of(), notifications);
      }
    });
  }

  /** An Expiry needs the value that a writer wrote, in memory or outside of it. */
  @Test
  void writersOfThemAreRejectedIfTheExpiryNeedsTheValue() {
    nulls(builder -> {
      builder.expireAfter(Expiry.writing((key, value) -> Duration.ofHours(value.length())));
      try (Carafe<Long, String> cache = builder.build()) {
        int outside = (int) MIB / 2 + 1; // longer than memory can hold
        for (int bytes : new int[] {10, outside}) {
          assertThrows(
              IllegalStateException.class,
              () -> cache.put(0L, bytes, target -> target.fill((byte) 1)));
        }
      }
    });
  }

  @SuppressWarnings("NullAway") // the codec breaks its contract
  private void nulls(Consumer<CarafeBuilder<Long, String>> test) {
    Codec<String> nulls = Codec.of(text -> text.getBytes(StandardCharsets.UTF_8), bytes -> null);
    test.accept(builder(nulls).file(directory.resolve("d"), 64 * MIB));
  }

  @Test
  void areLoadedAgainAndStored() {
    try (var cache = builder(2).build(this::load)) {
      for (int round = 0; round < 2; round++) {
        for (long key = 0; key < 5; key++) {
          assertEquals("new " + key, cache.get(key));
        }
      }
      assertEquals(5, loads.get());
      List<Long> keys = List.of(3L, 4L, 5L, 6L);
      Map<Long, String> expected =
          keys.stream().collect(Collectors.toMap(key -> key, key -> "new " + key));
      assertEquals(expected, cache.getAll(keys));
      assertEquals(expected, cache.getAll(keys));
      assertEquals(7, loads.get());
      assertEquals("new 7", cache.refresh(7L).join());
      assertEquals("new 7", cache.getIfPresent(7L));
    }
    try (var cache = builder(2).build(this::load)) {
      assertEquals("new 0", cache.getIfPresent(0L)); // also from the file
    }
  }

  @Test
  void areLoadedAgainByTheAsynchronousCache() {
    try (var cache = builder(2).buildAsync((Long key) -> load(key))) {
      for (int round = 0; round < 2; round++) {
        for (long key = 0; key < 5; key++) {
          assertEquals("new " + key, cache.get(key).join());
        }
      }
      assertEquals(5, loads.get());
      assertNull(cache.synchronous().getIfPresent(6L)); // in memory from here on
      assertEquals("new 6", cache.get(6L).join());
      assertEquals("new 6", cache.get(6L).join());
      assertEquals(6, loads.get());
      assertTrue(cache.getAll(List.of(6L, 7L, 8L)).join().containsValue("new 8"));
      assertEquals(8, loads.get());
    }
  }
}
