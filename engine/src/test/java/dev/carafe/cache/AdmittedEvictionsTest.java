package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Persist;
import dev.carafe.TierStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file that takes only the evicted values that are worth a write. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AdmittedEvictionsTest {
  private static final int VALUE_BYTES = 4_000;
  private static final int LOOP = 3_000; // keys: 12 MB of values

  @TempDir Path directory;

  private FileOptions options(String name, Persist persist) {
    return FileOptions.at(directory.resolve(name), 8 * Caches.MIB)
        .withPersist(Set.of(persist))
        .withCompression(Compression.NONE);
  }

  private Carafe<Long, byte[]> open(Persist persist) {
    return Caches.builder(Caches.MIB)
        .file(options(persist + ".carafe", persist))
        .persistWithin(Duration.ofDays(1))
        .executor(Runnable::run)
        .build();
  }

  private static TierStats.FileTier file(Carafe<?, ?> cache) {
    return cache.tierStats().file();
  }

  /** Reads keys in a loop and puts what is missing. Returns the hits of the second half. */
  private static int readLoop(Carafe<Long, byte[]> cache, int rounds) {
    int hits = 0;
    for (int i = 0; i < rounds * LOOP; i++) {
      long key = i % LOOP;
      byte[] value = cache.getIfPresent(key);
      if (value == null) {
        cache.put(key, Caches.value(key, 0, VALUE_BYTES));
      } else {
        assertArrayEquals(Caches.value(key, 0, VALUE_BYTES), value);
        hits += i > rounds * LOOP / 2 ? 1 : 0;
      }
    }
    return hits;
  }

  @Test
  void aLoopLongerThanTheFileKeepsAPartOfIt() {
    try (Carafe<Long, byte[]> all = open(Persist.EVICTIONS);
        Carafe<Long, byte[]> admitted = open(Persist.ADMITTED_EVICTIONS)) {
      int rounds = 12;
      int hitsOfAll = readLoop(all, rounds);
      int hits = readLoop(admitted, rounds);
      String results = hitsOfAll + " and " + hits + " hits, " + file(all) + ", " + file(admitted);
      assertTrue(hits > hitsOfAll + rounds / 2 * LOOP / 5, results);
      assertTrue(file(admitted).bytesWritten() < file(all).bytesWritten() / 3, results);
      assertTrue(file(admitted).refusedAdmission() > LOOP, results);
      assertEquals(0, file(all).refusedAdmission(), results);
      Caches.checkCounters(admitted);
    }
  }

  @Test
  void aFileWithRoomTakesAll() {
    try (Carafe<Long, byte[]> cache = open(Persist.ADMITTED_EVICTIONS)) {
      for (long key = 0; key < 1_000; key++) { // 4 MB
        cache.put(key, Caches.value(key, 0, VALUE_BYTES));
      }
      assertEquals(0, file(cache).refusedAdmission(), file(cache)::toString);
      for (long key = 0; key < 1_000; key++) {
        assertArrayEquals(Caches.value(key, 0, VALUE_BYTES), cache.getIfPresent(key));
      }
    }
  }

  @Test
  void flushAndCloseWriteWhatMemoryHolds() throws IOException {
    Path copy = directory.resolve("copy.carafe");
    Map<Long, byte[]> held = new HashMap<>();
    try (Carafe<Long, byte[]> cache = open(Persist.ADMITTED_EVICTIONS)) {
      readLoop(cache, 6);
      long refused = file(cache).refusedAdmission();
      assertTrue(refused > 0, file(cache)::toString);
      cache.put(-1L, Caches.value(-1, 0, VALUE_BYTES));
      cache.flush();
      Files.copy(options(Persist.ADMITTED_EVICTIONS + ".carafe", Persist.EVICTIONS).path(), copy);
      cache.policy().eviction().orElseThrow().hottest(50).forEach(held::put);
      cache.put(-2L, Caches.value(-2, 0, VALUE_BYTES));
      held.put(-2L, Caches.value(-2, 0, VALUE_BYTES));
    }
    FileOptions copied = options("copy.carafe", Persist.ADMITTED_EVICTIONS);
    try (Carafe<Long, byte[]> cache = Caches.builder(Caches.MIB).file(copied).build()) {
      assertArrayEquals(Caches.value(-1, 0, VALUE_BYTES), cache.getIfPresent(-1L), "flushed");
    }
    try (Carafe<Long, byte[]> cache = open(Persist.ADMITTED_EVICTIONS)) {
      held.forEach((key, value) -> assertArrayEquals(value, cache.getIfPresent(key), "key " + key));
    }
  }

  /** Values are current or absent, whatever was refused. */
  @Test
  void readsNeverGiveOlderValues() {
    SplittableRandom random = new SplittableRandom(23);
    int keys = 4_000;
    int[] versions = new int[keys]; // 0: none
    try (Carafe<Long, byte[]> cache = open(Persist.ADMITTED_EVICTIONS)) {
      for (int i = 0; i < 60_000; i++) {
        int key = (int) Math.pow(keys, random.nextDouble()) - 1;
        byte[] value = cache.getIfPresent((long) key);
        if (value != null) {
          assertArrayEquals(Caches.value(key, versions[key], VALUE_BYTES), value);
        }
        if (random.nextInt(50) == 0) {
          cache.invalidate((long) key);
          versions[key] = 0;
        } else if (value == null || random.nextInt(10) == 0) {
          versions[key] = i + 1;
          cache.put((long) key, Caches.value(key, versions[key], VALUE_BYTES));
        }
        if (i == 30_000) {
          cache.invalidateAll();
        }
      }
      assertTrue(file(cache).refusedAdmission() > 0, file(cache)::toString);
      assertTrue(file(cache).hits() > 0, file(cache)::toString);
      Caches.checkCounters(cache);
    }
  }

  @Test
  void theDecisionsFollowAnotherCapacity() {
    FileOptions options = options("store.carafe", Persist.ADMITTED_EVICTIONS);
    try (CarafeStore store = CarafeStore.newBuilder().memory(Caches.MIB).file(options).build();
        Carafe<Long, byte[]> cache = store.cache("a", Codec.int64(), Codec.bytes()).build()) {
      readLoop(cache, 4);
      long refused = store.tierStats().file().refusedAdmission();
      assertTrue(refused > 0, () -> store.tierStats().toString());
      store.resize(Caches.MIB, 32 * Caches.MIB); // takes the whole loop
      readLoop(cache, 1);
      assertEquals(refused, store.tierStats().file().refusedAdmission());
      for (long key = 0; key < LOOP; key++) {
        assertArrayEquals(Caches.value(key, 0, VALUE_BYTES), cache.getIfPresent(key));
      }
    }
  }

  @Test
  void evictionsWriteAllBesideAdmittedOnes() {
    FileOptions both =
        options("both.carafe", Persist.EVICTIONS)
            .withPersist(Set.of(Persist.EVICTIONS, Persist.ADMITTED_EVICTIONS));
    try (Carafe<Long, byte[]> cache =
        Caches.builder(Caches.MIB).file(both).executor(Runnable::run).build()) {
      readLoop(cache, 3);
      assertEquals(0, file(cache).refusedAdmission());
    }
  }
}
