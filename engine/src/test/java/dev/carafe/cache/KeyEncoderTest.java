package dev.carafe.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.CacheLoader;
import dev.carafe.AsyncLoadingCarafe;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keys are equal if and only if their encoded bytes are equal, in both tiers (contract R7). */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class KeyEncoderTest {
  private static final long MEMORY_BYTES = 64 << 10;
  private static final int FILLERS = 400;

  @TempDir Path directory;

  /** The tier that holds the values of a test. */
  enum Place {
    MEMORY,
    FILE
  }

  private <K> CarafeBuilder<K, String> builder(Codec<K> codec, Place place) {
    CarafeBuilder<K, String> builder =
        Carafe.newBuilder()
            .<K>keyCodec(codec)
            .valueCodec(Codec.utf8())
            .memory(MEMORY_BYTES)
            .executor(Runnable::run);
    return place == Place.MEMORY
        ? builder
        : builder.file(FileOptions.at(directory.resolve("keys.carafe"), 8 << 20));
  }

  /** With a file, evicts all earlier values from memory. */
  private static <K> void displace(Carafe<K, String> cache, Place place, IntFunction<K> keys) {
    if (place == Place.FILE) {
      for (int i = 0; i < FILLERS; i++) {
        cache.put(keys.apply(1000 + i), "x".repeat(500));
      }
    }
  }

  /** Calls the operations with keys whose bytes are equal; {@code keys} creates an object. */
  private <K> void allOperations(Codec<K> codec, Place place, IntFunction<K> keys) {
    try (Carafe<K, String> cache = builder(codec, place).build()) {
      EqualKeyCalls.write(cache, keys);
      displace(cache, place, keys);
      EqualKeyCalls.readAndRemove(cache, keys);
      EqualKeyCalls.callBulkOperations(cache, keys);
      Caches.checkCounters(cache);
    }
  }

  private static byte[] bytesOf(int number) {
    return ("key " + number).getBytes(UTF_8);
  }

  @ParameterizedTest
  @EnumSource
  void arraysOfEqualBytesAreOneKey(Place place) { // R7
    allOperations(Codec.bytes(), place, KeyEncoderTest::bytesOf);
  }

  @ParameterizedTest
  @EnumSource
  void segmentsOfEqualBytesAreOneKey(Place place) { // R7
    try (Arena arena = Arena.ofShared()) {
      AtomicInteger made = new AtomicInteger();
      allOperations(
          Codec.segment(),
          place,
          number -> {
            MemorySegment heap = MemorySegment.ofArray(bytesOf(number));
            return switch (made.getAndIncrement() % 3) {
              case 0 -> heap;
              case 1 -> heap.asReadOnly();
              default -> arena.allocate(heap.byteSize()).copyFrom(heap);
            };
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void equalStringsAreOneKey(Place place) { // R7
    allOperations(Codec.utf8(), place, number -> "key " + number);
  }

  /** A key whose equals and hashCode throw, since the cache must not call them. */
  record Unequal(int number) {
    @Override
    public boolean equals(@Nullable Object other) {
      throw new ArithmeticException("equals");
    }

    @Override
    public int hashCode() {
      throw new ArithmeticException("hashCode");
    }
  }

  private static final Codec<Unequal> UNEQUAL =
      new Codec<>() {
        @Override
        public int encodedBytes(Unequal key) {
          return Integer.BYTES;
        }

        @Override
        public void encode(Unequal key, MemorySegment target) {
          target.set(ValueLayout.JAVA_INT_UNALIGNED, 0, key.number);
        }

        @Override
        public Unequal decode(MemorySegment source) {
          return new Unequal(source.get(ValueLayout.JAVA_INT_UNALIGNED, 0));
        }
      };

  @ParameterizedTest
  @EnumSource
  void equalsAndHashCodeOfOtherKeysAreNotCalled(Place place) { // R7, F5
    allOperations(UNEQUAL, place, Unequal::new);
  }

  private static final Codec<Object> BY_STRING =
      Codec.of(key -> key.toString().getBytes(UTF_8), bytes -> new String(bytes, UTF_8));

  @ParameterizedTest
  @EnumSource
  void unequalObjectsOfEqualBytesAreOneKey(Place place) { // R7
    AtomicInteger made = new AtomicInteger();
    allOperations(
        BY_STRING,
        place,
        number ->
            switch (made.getAndIncrement() % 3) {
              case 0 -> number;
              case 1 -> (long) number;
              default -> "" + number;
            });
  }

  /** Keys that are equal regardless of case, and whose bytes differ. */
  record AnyCase(String text) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof AnyCase key && key.text.equalsIgnoreCase(text);
    }

    @Override
    public int hashCode() {
      return text.toLowerCase(Locale.ROOT).hashCode();
    }
  }

  @ParameterizedTest
  @EnumSource
  void equalObjectsOfUnequalBytesAreTwoKeys(Place place) { // R7
    Codec<AnyCase> codec =
        Codec.of(key -> key.text.getBytes(UTF_8), bytes -> new AnyCase(new String(bytes, UTF_8)));
    try (Carafe<AnyCase, String> cache = builder(codec, place).build()) {
      cache.put(new AnyCase("a"), "small");
      cache.put(new AnyCase("A"), "large");
      assertEquals(2, cache.estimatedSize());
      displace(cache, place, number -> new AnyCase("filler " + number));
      assertEquals("small", cache.getIfPresent(new AnyCase("a")));
      assertEquals("large", cache.getIfPresent(new AnyCase("A")));
      cache.invalidate(new AnyCase("a"));
      assertEquals("large", cache.asMap().get(new AnyCase("A")));
    }
  }

  @ParameterizedTest
  @EnumSource
  void changedKeyObjectsDoNotAffectTheCache(Place place) { // R7
    Codec<List<String>> codec =
        Codec.of(
            key -> String.join(",", key).getBytes(UTF_8),
            bytes -> List.of(new String(bytes, UTF_8).split(",")));
    List<List<String>> notifications = new ArrayList<>();
    try (Carafe<List<String>, String> cache =
        builder(codec, place)
            .<List<String>, String>removalListener((key, value, cause) -> notifications.add(key))
            .build()) {
      List<String> key = new ArrayList<>(List.of("mine"));
      cache.put(key, "value");
      key.add("changed");
      displace(cache, place, number -> List.of("filler " + number));
      assertNull(cache.getIfPresent(key));
      assertEquals("value", cache.getIfPresent(List.of("mine")));
      assertTrue(new HashSet<>(cache.asMap().keySet()).contains(List.of("mine")));
      notifications.clear();
      cache.invalidate(List.of("mine"));
      assertEquals(List.of(List.of("mine")), notifications);
      cache.invalidateAll();
      cache.cleanUp();
      assertEquals(0, cache.estimatedSize());
    }
  }

  @ParameterizedTest
  @EnumSource
  void keysOfEqualBytesAreLoadedOnce(Place place) { // R7, R5
    AtomicInteger loads = new AtomicInteger();
    CacheLoader<byte[], String> loader =
        key -> {
          loads.incrementAndGet();
          return "loaded " + new String(key, UTF_8);
        };
    try (var cache = builder(Codec.bytes(), place).build(loader)) {
      assertEquals("loaded key 1", cache.get(bytesOf(1)));
      assertEquals("loaded key 1", cache.get(bytesOf(1)));
      assertEquals("loaded key 1", cache.getAll(List.of(bytesOf(1))).get(bytesOf(1)));
      assertEquals(1, loads.get());
      assertEquals("loaded key 1", cache.refresh(bytesOf(1)).join());
      assertEquals(2, loads.get());
    }
  }

  @ParameterizedTest
  @EnumSource
  void keysOfEqualBytesShareAFuture(Place place) { // R7, R5
    CompletableFuture<String> loading = new CompletableFuture<>();
    AtomicInteger loads = new AtomicInteger();
    try (AsyncLoadingCarafe<byte[], String> cache =
        builder(Codec.bytes(), place)
            .buildAsync((key, executor) -> {
              loads.incrementAndGet();
              return loading;
            })) {
      CompletableFuture<String> one = cache.get(bytesOf(1));
      CompletableFuture<String> same = cache.get(bytesOf(1));
      CompletableFuture<Map<byte[], String>> all = cache.getAll(List.of(bytesOf(1)));
      assertTrue(cache.asMap().containsKey(bytesOf(1)));
      loading.complete("value");
      assertEquals("value", one.join());
      assertEquals("value", same.join());
      assertEquals("value", all.join().get(bytesOf(1)));
      assertEquals(1, loads.get());
      assertEquals("value", cache.synchronous().getIfPresent(bytesOf(1)));
    }
  }

  private static void assertRefused(String message, Executable call) {
    String notifications =
        String.valueOf(assertThrows(IllegalArgumentException.class, call).getMessage());
    assertTrue(notifications.matches(message), notifications);
  }

  @ParameterizedTest
  @EnumSource
  void unpairedSurrogatesAreRejected(Place place) { // R7, F4
    String bad = "title \uD83D";
    try (Carafe<String, String> cache = builder(Codec.utf8(), place).build()) {
      cache.put("key", "value");
      assertRefused("value: .*U\\+D83D at index 6.*", () -> cache.put("key", bad));
      assertEquals("value", cache.getIfPresent("key"));
      if (place == Place.FILE) {
        assertRefused("key: .*U\\+D83D at index 6.*", () -> cache.put(bad, "value"));
        assertRefused("key: .*U\\+D83D at index 6.*", () -> cache.getIfPresent(bad));
      }
      assertEquals(1, cache.estimatedSize());
      cache.put("pair \uD83D\uDE00", "\uD83E\uDD16");
      assertEquals("\uD83E\uDD16", cache.getIfPresent("pair \uD83D\uDE00"));
      for (String each : List.of("\uDE00", "\uDE00\uD83D", "a\uD83D\uD83D\uDE00", "\uD83Db")) {
        assertThrows(IllegalArgumentException.class, () -> cache.put("key", each));
      }
    }
  }

  @Test
  void keysAreFoundByTheirBytesAfterARestart() { // R7, D1
    try (Carafe<byte[], String> cache = builder(Codec.bytes(), Place.FILE).build()) {
      for (int i = 0; i < 100; i++) {
        cache.put(bytesOf(i), "value " + i);
      }
    }
    try (Carafe<byte[], String> cache = builder(Codec.bytes(), Place.FILE).build()) {
      for (int i = 0; i < 100; i++) {
        assertEquals("value " + i, cache.getIfPresent(bytesOf(i)));
      }
    }
  }
}
