package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.AsyncCarafe;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.base.Soak;
import dev.carafe.base.Together;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reads of keys that always have a value, while writers overwrite them by each operation. No lookup
 * may miss such a key (contract R4). With a file, other keys cause evictions, so that the values
 * move between the tiers.
 *
 * <p>Regression: {@code containsKey} returned false in a cache without a file, since the entry that
 * was found had been replaced and released before its bytes were read.
 */
final class AlwaysThereTest {
  private static final int KEYS = 4;
  private static final int LARGE_BYTES = 3000;
  private static final long FIRST_OTHER = 1000;
  private static final int OTHERS = 64;

  @TempDir Path directory;

  /** Returns a value whose first byte identifies its key. A value has one of two chunk sizes. */
  private static byte[] value(long key, Random random) {
    byte[] value = new byte[random.nextInt(8) == 0 ? LARGE_BYTES : 8];
    value[0] = (byte) key;
    return value;
  }

  private CarafeBuilder<Long, byte[]> builder(boolean withFile) {
    CarafeBuilder<Long, byte[]> builder =
        Carafe.newBuilder()
            .keyCodec(Codec.int64())
            .valueCodec(Codec.bytes())
            .memory(withFile ? CarafeBuilder.MIN_MEMORY_BYTES : MIB);
    return withFile ? builder.file(FileOptions.at(directory.resolve("c"), 16L * MIB)) : builder;
  }

  private static boolean isOf(long key, byte @Nullable [] value) {
    return value != null && value[0] == (byte) key;
  }

  /** Lookups that return whether they found the key. */
  private static Map<String, BiPredicate<Carafe<Long, byte[]>, Long>> lookups() {
    Map<String, BiPredicate<Carafe<Long, byte[]>, Long>> lookups = new LinkedHashMap<>();
    lookups.put("getIfPresent", (cache, key) -> isOf(key, cache.getIfPresent(key)));
    lookups.put("read", (cache, key) -> cache.read(key, bytes -> bytes.byteSize()) != null);
    lookups.put(
        "getAllPresent",
        (cache, key) -> cache.getAllPresent(List.of(0L, 1L, 2L, 3L)).size() == KEYS);
    lookups.put("get", (cache, key) -> isOf(key, cache.get(key, k -> new byte[] {99})));
    lookups.put(
        "getAll", (cache, key) -> isOf(key, cache.getAll(List.of(key), k -> Map.of()).get(key)));
    lookups.put("quietly", (cache, key) -> isOf(key, cache.policy().getIfPresentQuietly(key)));
    lookups.put(
        "entryQuietly", (cache, key) -> cache.policy().getEntryIfPresentQuietly(key) != null);
    lookups.put("containsKey", (cache, key) -> cache.asMap().containsKey(key));
    lookups.put("keySet.contains", (cache, key) -> cache.asMap().keySet().contains(key));
    lookups.put("iteration", (cache, key) -> cache.asMap().keySet().stream().anyMatch(key::equals));
    lookups.put(
        "entries",
        (cache, key) ->
            cache.asMap().entrySet().stream()
                .anyMatch(entry -> entry.getKey().equals(key) && isOf(key, entry.getValue())));
    lookups.put("map.get", (cache, key) -> isOf(key, cache.asMap().get(key)));
    lookups.put("putIfAbsent", (cache, key) -> cache.asMap().putIfAbsent(key, new byte[9]) != null);
    lookups.put(
        "computeIfAbsent",
        (cache, key) -> isOf(key, cache.asMap().computeIfAbsent(key, k -> new byte[] {99})));
    lookups.put(
        "computeIfPresent",
        (cache, key) -> isOf(key, cache.asMap().computeIfPresent(key, (k, before) -> before)));
    lookups.put(
        "compute",
        (cache, key) -> {
          boolean[] seen = {false};
          var _ =
              cache
                  .asMap()
                  .compute(
                      key,
                      (k, before) -> {
                        seen[0] = before != null;
                        return before == null ? new byte[] {(byte) (long) k} : before;
                      });
          return seen[0];
        });
    lookups.put(
        "replace",
        (cache, key) -> cache.asMap().replace(key, new byte[] {(byte) (long) key}) != null);
    return lookups;
  }

  /** Overwrites the keys, and puts other keys that cause their eviction. */
  private static FutureTask<Boolean> writer(
      Carafe<Long, byte[]> cache, long seed, AtomicBoolean stop) {
    return new FutureTask<>(() -> {
      Random random = new Random(seed);
      while (!stop.get()) {
        long key = random.nextInt(KEYS);
        switch (random.nextInt(8)) {
          case 0 -> cache.asMap().compute(key, (k, before) -> value(k, random));
          case 1 -> cache.asMap().put(key, value(key, random));
          case 2 -> {
            for (int i = 0; i < OTHERS / 4; i++) {
              cache.put(FIRST_OTHER + random.nextInt(OTHERS), new byte[LARGE_BYTES]);
            }
          }
          default -> cache.put(key, value(key, random));
        }
      }
      return true;
    });
  }

  private void check(Carafe<Long, byte[]> cache, String where, int millisEach) throws Exception {
    long seed = Soak.seed();
    AtomicBoolean stop = new AtomicBoolean();
    List<FutureTask<Boolean>> writers = new ArrayList<>();
    Map<String, Integer> missed = new LinkedHashMap<>();
    for (long key = 0; key < KEYS; key++) {
      cache.put(key, value(key, new Random(seed)));
    }
    for (int i = 0; i < 2; i++) {
      writers.add(writer(cache, seed + i, stop));
      var _ = Together.start(writers.get(i));
    }
    try {
      for (var look : lookups().entrySet()) {
        long end = System.nanoTime() + Duration.ofMillis(millisEach).toNanos();
        for (long i = 0; System.nanoTime() < end; i++) {
          if (!look.getValue().test(cache, i % KEYS)) {
            missed.merge(look.getKey(), 1, Integer::sum);
          }
        }
      }
    } finally {
      stop.set(true);
    }
    for (FutureTask<Boolean> each : writers) {
      Together.join(each);
    }
    assertEquals(Map.of(), missed, where + ", again with -Dcarafe.test.seed=" + seed);
  }

  @Test
  void inMemory() throws Exception {
    try (Carafe<Long, byte[]> cache = builder(false).build()) {
      check(cache, "in memory", Soak.times(60, 10_000));
    }
  }

  @Test
  void inBothTiers() throws Exception {
    try (Carafe<Long, byte[]> cache = builder(true).build()) {
      check(cache, "in both tiers", Soak.times(60, 10_000));
      assertTrue(cache.tierStats().memory().spilled() > 0, "nothing moved");
    }
  }

  @Test
  void asynchronously() throws Exception {
    try (AsyncCarafe<Long, byte[]> cache = builder(true).buildAsync()) {
      check(cache.synchronous(), "of an asynchronous cache", Soak.times(30, 5_000));
    }
  }
}
