package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.base.Soak;
import dev.carafe.base.Together;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Views of {@code asMap()} during concurrent writes (contract R4). Bulk operations remove only
 * values that they tested, streams are unsized, and iterations over keys read no values. Compares
 * with Caffeine where possible.
 */
final class ViewsTest {
  private static final int KEYS = 200;

  @TempDir Path directory;
  private final AtomicInteger decoded = new AtomicInteger();
  private final AtomicLong clock = new AtomicLong(1);

  /** A value without equals: two that are decoded from the same bytes differ. */
  private static final class Plain {
    private final String text;

    private Plain(String text) {
      this.text = text;
    }
  }

  private Codec<Plain> plain() {
    return Codec.of(
        value -> value.text.getBytes(StandardCharsets.UTF_8),
        bytes -> {
          decoded.getAndIncrement();
          return new Plain(new String(bytes, StandardCharsets.UTF_8));
        });
  }

  private static CarafeBuilder<Integer, String> strings(long memoryBytes) {
    return Carafe.newBuilder().keyCodec(Codec.int32()).valueCodec(Codec.utf8()).memory(memoryBytes);
  }

  private FileOptions file() {
    return FileOptions.at(directory.resolve("c"), 16L * MIB)
        .withIo(FileOptions.Io.CHANNEL)
        .withCompression(FileOptions.Compression.NONE);
  }

  /** A codec of the application, whose keys the cache wraps. */
  private static Codec<Integer> keysOfTheApplication() {
    return Codec.of(
        key -> key.toString().getBytes(StandardCharsets.UTF_8),
        bytes -> Integer.valueOf(new String(bytes, StandardCharsets.UTF_8)));
  }

  /** Caffeine, and caches with and without a file, and with wrapped keys. */
  private void withEach(Consumer<Cache<Integer, String>> test) {
    test.accept(Caffeine.newBuilder().build());
    try (Carafe<Integer, String> cache =
        Carafe.newBuilder()
            .keyCodec(keysOfTheApplication())
            .valueCodec(Codec.utf8())
            .memory(MIB)
            .build()) {
      test.accept(cache);
    }
    try (Carafe<Integer, String> cache = strings(MIB).build()) {
      test.accept(cache);
    }
    try (Carafe<Integer, String> cache =
        strings(CarafeBuilder.MIN_MEMORY_BYTES).file(file()).build()) {
      test.accept(cache);
    }
  }

  /** A value that is put while an operation tests the previous one is kept. */
  private void newerStays(Function<ConcurrentMap<Integer, String>, Boolean> operation) {
    withEach(cache -> {
      cache.put(1, "old");
      assertFalse(operation.apply(cache.asMap()), "it removed something");
      assertEquals("new", cache.getIfPresent(1));
    });
  }

  private static boolean overwrite(Map<Integer, String> map) {
    map.put(1, "new");
    return true;
  }

  @Test
  void removeIfKeepsNewerValues() {
    newerStays(map -> map.values().removeIf(value -> value.equals("old") && overwrite(map)));
    newerStays(
        map -> map.entrySet().removeIf(entry -> entry.getValue().equals("old") && overwrite(map)));
  }

  @Test
  void removeAllAndRetainAllKeepNewerValues() {
    newerStays(map -> map.values().removeAll(new OverwritingCollection<>(Set.of("old"), map)));
    newerStays(map -> map.values().retainAll(new OverwritingCollection<>(Set.of("new"), map)));
    newerStays(map ->
        map.entrySet().retainAll(new OverwritingCollection<>(Set.of(Map.entry(1, "new")), map)));
    newerStays(map -> {
      overwrite(map);
      return map.entrySet().removeAll(Set.of(Map.entry(1, "old")));
    });
  }

  /**
   * As in the JDK's test of {@code removeIf}: values that were put meanwhile are present
   * afterwards.
   */
  @Test
  void concurrentRemoveIfLosesNoPut() {
    withEach(cache -> {
      ConcurrentMap<Integer, String> map = cache.asMap();
      List<Function<ConcurrentMap<Integer, String>, Boolean>> removals =
          List.of(
              m -> m.values().removeIf("old"::equals),
              m -> m.entrySet().removeIf(entry -> entry.getValue().equals("old")),
              m -> m.values().removeAll(Set.of("old")),
              m -> m.values().retainAll(Set.of("new")));
      for (int round = 0; round < Soak.times(8, 200); round++) {
        IntStream.range(0, KEYS).forEach(key -> map.put(key, "old"));
        var removal = removals.get(round % removals.size());
        FutureTask<Boolean> removing =
            new FutureTask<>(() -> {
              while (map.containsValue("old")) {
                var _ = removal.apply(map);
              }
              return true;
            });
        var _ = Together.start(removing);
        for (int key = 0; key < KEYS; key++) {
          map.put(key, "new");
        }
        Together.join(removing);
        for (int key = 0; key < KEYS; key++) {
          assertEquals("new", map.get(key), "key " + key);
        }
      }
    });
  }

  @Test
  void bulkOperationsAcceptValuesWithoutEquals() {
    try (Carafe<Integer, Plain> cache =
        Carafe.newBuilder().keyCodec(Codec.int32()).valueCodec(plain()).memory(MIB).build()) {
      cache.put(1, new Plain("a"));
      cache.put(2, new Plain("b"));
      assertTrue(cache.asMap().values().removeIf(value -> value.text.equals("a")));
      assertEquals(Set.of(2), cache.asMap().keySet());
      cache
          .asMap()
          .replaceAll((key, value) -> new Plain(value.text + "!")); // regression: did not return
      assertEquals("b!", requireNonNull(cache.asMap().get(2)).text);
      assertTrue(cache.asMap().entrySet().removeIf(entry -> entry.getKey() == 2));
      assertTrue(cache.asMap().isEmpty());
    }
  }

  @Test
  void iteratorsRemoveAndSetTheCurrentValue() { // as Caffeine's and ConcurrentHashMap's
    withEach(cache -> {
      cache.put(1, "old");
      var entries = cache.asMap().entrySet().iterator();
      entries.next();
      cache.put(1, "new");
      entries.remove();
      assertNull(cache.getIfPresent(1));
      cache.put(1, "old");
      var entry = cache.asMap().entrySet().iterator().next();
      cache.put(1, "new");
      entry.setValue("set");
      assertEquals("set", cache.getIfPresent(1));
    });
  }

  @Test
  void streamsAreUnsized() {
    var b = strings(MIB).ticker(clock::get).expireAfterWrite(Duration.ofSeconds(10)).file(file());
    try (var cache = b.executor(Runnable::run).buildAsync()) {
      for (int key = 0; key < 5; key++) {
        cache.put(key, CompletableFuture.completedFuture("v"));
        cache.put(100 + key, CompletableFuture.completedFuture("v"));
      }
      clock.addAndGet(Duration.ofSeconds(6).toNanos());
      for (int key = 0; key < 3; key++) {
        cache.put(key, CompletableFuture.completedFuture("v"));
      }
      clock.addAndGet(Duration.ofSeconds(6).toNanos());
      for (Map<Integer, ?> map : List.of(cache.asMap(), cache.synchronous().asMap())) {
        for (Collection<?> view : List.of(map.keySet(), map.values(), map.entrySet())) {
          assertFalse(view.spliterator().hasCharacteristics(java.util.Spliterator.SIZED));
          assertTrue(view.spliterator().hasCharacteristics(java.util.Spliterator.CONCURRENT));
          assertEquals(3, view.stream().toList().size());
          assertEquals(3, view.parallelStream().toArray().length);
          assertEquals(3, view.stream().count());
          assertEquals(3, new ArrayList<>(view).size());
        }
      }
    }
  }

  @Test
  void streamsDoNotThrowDuringWrites() {
    withEach(cache -> {
      AtomicBoolean stop = new AtomicBoolean();
      FutureTask<Boolean> writer =
          new FutureTask<>(() -> {
            for (int i = 0; !stop.get(); i++) {
              cache.put(i % 50, "v");
              cache.invalidate((i + 25) % 50);
            }
            return true;
          });
      var _ = Together.start(writer);
      try {
        for (int i = 0; i < Soak.times(200, 20_000); i++) {
          assertTrue(cache.asMap().keySet().stream().toList().size() <= 50);
          assertTrue(cache.asMap().values().stream().sorted().toArray().length <= 50);
          assertTrue(new HashMap<>(cache.asMap()).size() <= 50);
        }
      } finally {
        stop.set(true);
      }
      Together.join(writer);
    });
  }

  @Test
  void keyIterationReadsNoValues() {
    try (Carafe<Integer, Plain> cache =
        Carafe.newBuilder()
            .keyCodec(Codec.int32())
            .valueCodec(plain())
            .memory(CarafeBuilder.MIN_MEMORY_BYTES)
            .file(file())
            .build()) {
      for (int key = 0; key < KEYS; key++) {
        cache.put(key, new Plain("v".repeat(20_000)));
      }
      cache.flush();
      long start = cache.tierStats().file().bytesRead();
      var keys = cache.asMap().keySet().iterator();
      long before = cache.tierStats().file().bytesRead();
      assertTrue(before - start <= KEYS * 4500, "of each record its beginning alone");
      int count = 0;
      for (; keys.hasNext(); count++) {
        keys.next();
      }
      assertEquals(KEYS, count);
      assertEquals(before, cache.tierStats().file().bytesRead());
      assertEquals(0, decoded.get());
    }
  }

  @Test
  void objectsOfOtherTypesAreNoKeys() {
    withEach(cache -> {
      cache.put(1, "v");
      Map<Integer, String> map = cache.asMap();
      Object other = "1";
      assertNull(map.get(other));
      assertNull(map.remove(other));
      assertFalse(map.remove(other, "v"));
      assertFalse(map.containsKey(other));
      assertFalse(map.keySet().contains(other));
      assertFalse(map.keySet().remove(other));
      assertFalse(map.entrySet().contains(Map.entry(other, "v")));
      assertFalse(map.entrySet().remove(Map.entry(other, "v")));
      assertThrows(NullPointerException.class, () -> map.containsValue(null));
    });
  }
}
