package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.AsyncCarafe;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.DeviceException;
import dev.carafe.FileFullException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Persist;
import dev.carafe.FileOptions.Retention;
import dev.carafe.base.Soak;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file that keeps all values (contract D8). */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KeepAllTest {
  private static final int THREADS = 3;
  private static final int STEPS = Soak.times(12_000, 400_000);

  @TempDir Path directory;

  private FileOptions options(long bytes) {
    return FileOptions.at(directory.resolve("a.carafe"), bytes).withRetention(Retention.KEEP_ALL);
  }

  private CarafeBuilder<Long, byte[]> builder(long fileBytes) {
    return Caches.builder(256 * 1024).file(options(fileBytes));
  }

  /** Puts values of new keys until the file is full; returns how many it took. */
  private static int fill(Carafe<Long, byte[]> cache, int valueBytes) {
    for (int i = 0; ; i++) {
      try {
        cache.put((long) i, Caches.value(i, 0, valueBytes));
      } catch (FileFullException e) {
        assertTrue(String.valueOf(e.getMessage()).contains("no room for a value"), e.getMessage());
        return i;
      }
    }
  }

  static void checkAll(Carafe<Long, byte[]> cache, int count, int valueBytes) {
    assertEquals(count, cache.estimatedSize());
    for (long i = 0; i < count; i++) {
      assertArrayEquals(Caches.value(i, 0, valueBytes), cache.getIfPresent(i));
    }
    assertNull(cache.getIfPresent((long) count));
  }

  @Test
  void refusesWhatDoesNotFitAndKeepsTheRest() {
    int count;
    try (Carafe<Long, byte[]> cache = builder(4 * Caches.MIB).build()) {
      count = fill(cache, 2_000);
      assertTrue(count * 2_000L > 4 * Caches.MIB / 2, count + " values");
      checkAll(cache, count, 2_000);
      assertEquals(1, cache.tierStats().file().refusedFull());
      assertThrows(FileFullException.class, () -> cache.put(0L, Caches.value(0, 1, 20_000)));
      assertEquals(2, cache.tierStats().file().refusedFull());
      checkAll(cache, count, 2_000);
      cache.put(0L, Caches.value(0, 0, 2_000)); // of the same length
      Caches.checkCounters(cache);
    }
    try (Carafe<Long, byte[]> cache = builder(4 * Caches.MIB).build()) {
      checkAll(cache, count, 2_000);
      assertEquals(0, cache.tierStats().file().reclaimed());
      for (long i = 1; i < 100; i++) {
        cache.invalidate(i);
        cache.put(-i, Caches.value(-i, 0, 2_000));
      }
      Caches.checkCounters(cache);
    }
  }

  @Test
  void refusesAValueThatIsTooLong() {
    try (Carafe<Long, byte[]> cache = builder(4 * Caches.MIB).build()) {
      cache.put(1L, new byte[] {1});
      for (int bytes : new int[] {60_000, 300_000, 64 << 20}) {
        assertThrows(FileFullException.class, () -> cache.put(1L, Caches.value(1, 1, bytes)));
        assertThrows(
            FileFullException.class,
            () ->
                cache.put(
                    1L,
                    bytes,
                    target -> target.copyFrom(MemorySegment.ofArray(Caches.value(1, 1, bytes)))));
        assertThrows(
            FileFullException.class,
            () -> cache.asMap().compute(1L, (_, _) -> Caches.value(1, 2, bytes)));
        assertArrayEquals(new byte[] {1}, cache.getIfPresent(1L));
      }
      Caches.checkCounters(cache);
    }
  }

  /** Threads overwrite and remove values of all lengths in a file that is nearly full. */
  @Test
  void losesNothingAtTheLimit() {
    Soak.seeded(random -> {
      Path file = directory.resolve(random.nextLong() + ".carafe");
      FileOptions options = options(4 * Caches.MIB).withPath(file);
      List<Map<Long, byte[]>> models;
      try (Carafe<Long, byte[]> cache =
          Caches.builder(256 * 1024).file(options).persistWithin(Duration.ofMillis(30)).build()) {
        models = run(cache, random);
        checkModels(cache, models);
        Caches.checkCounters(cache);
        assertEquals(0, cache.tierStats().file().reclaimed());
      }
      try (Carafe<Long, byte[]> cache = Caches.builder(256 * 1024).file(options).build()) {
        checkModels(cache, models);
      }
    });
  }

  private static void checkModels(Carafe<Long, byte[]> cache, List<Map<Long, byte[]>> models) {
    long size = 0;
    for (Map<Long, byte[]> model : models) {
      model.forEach((key, value) -> assertArrayEquals(value, cache.getIfPresent(key)));
      size += model.size();
    }
    assertEquals(size, cache.estimatedSize());
  }

  private static List<Map<Long, byte[]>> run(Carafe<Long, byte[]> cache, SplittableRandom random) {
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<Map<Long, byte[]>>> running = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        long first = thread * 1_000_000L;
        SplittableRandom own = random.split();
        running.add(threads.submit((Callable<Map<Long, byte[]>>) () -> step(cache, first, own)));
      }
      List<Map<Long, byte[]>> models = new ArrayList<>();
      for (Future<Map<Long, byte[]>> each : running) {
        models.add(await(each));
      }
      return models;
    }
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.get();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static Map<Long, byte[]> step(
      Carafe<Long, byte[]> cache, long first, SplittableRandom random) {
    Map<Long, byte[]> model = new HashMap<>();
    int refused = 0;
    for (int i = 0; i < STEPS / THREADS; i++) {
      long key = first + random.nextInt(400);
      if (random.nextInt(8) == 0) {
        cache.invalidate(key);
        model.remove(key);
      } else if (random.nextInt(4) == 0) {
        byte[] expected = model.get(key);
        byte[] found = cache.getIfPresent(key);
        assertArrayEquals(expected, found);
      } else {
        int bytes =
            random.nextInt(16) == 0 ? 20_000 + random.nextInt(12_000) : random.nextInt(4_000);
        byte[] value = Caches.value(key, i, bytes);
        try {
          cache.put(key, value);
          model.put(key, value);
        } catch (FileFullException e) {
          refused++;
        }
      }
    }
    assertTrue(refused > 0, "the file was never full");
    return model;
  }

  @Test
  void returnsALoadedValueThatItCanNotKeep() {
    try (Carafe<Long, byte[]> cache = builder(4 * Caches.MIB).build()) {
      int count = fill(cache, 2_000);
      byte[] loaded = cache.get(-1L, key -> Caches.value(key, 0, 5_000));
      assertArrayEquals(Caches.value(-1, 0, 5_000), loaded);
      checkAll(cache, count, 2_000);
      cache.invalidateAll();
      assertNotNull(cache.get(-1L, key -> Caches.value(key, 0, 5_000)));
      assertNotNull(cache.getIfPresent(-1L));
      Caches.checkCounters(cache);
    }
  }

  @Test
  void keepsTheValuesOfAFutureAndOfAComputation() throws Exception {
    try (AsyncCarafe<Long, byte[]> cache = builder(4 * Caches.MIB).buildAsync()) {
      Carafe<Long, byte[]> view = cache.synchronous();
      int count = fill(view, 2_000);
      checkAll(view, count, 2_000);
      byte[] one = cache.get(-1L, key -> Caches.value(key, 0, 5_000)).get();
      assertEquals(5_000, one.length);
      assertThrows(
          FileFullException.class,
          () -> view.asMap().merge(0L, Caches.value(0, 1, 9_000), (_, b) -> b));
      checkAll(view, count, 2_000);
    }
  }

  @Test
  void refusesToShrinkBelowItsRecords() {
    FileOptions options = options(8 * Caches.MIB);
    try (CarafeStore store = CarafeStore.newBuilder().memory(256 * 1024).file(options).build()) {
      Carafe<Long, byte[]> cache = store.cache("a", Codec.int64(), Codec.bytes()).build();
      int count = fill(cache, 2_000);
      DeviceException refused =
          assertThrows(DeviceException.class, () -> store.resize(256 * 1024, 5 * Caches.MIB));
      assertTrue(String.valueOf(refused.getMessage()).contains("the records take"));
      checkAll(cache, count, 2_000);
      store.resize(256 * 1024, 12 * Caches.MIB);
      cache.put((long) count, Caches.value(count, 0, 2_000));
      checkAll(cache, count + 1, 2_000);
      for (long i = count; i > count / 4; i--) {
        cache.invalidate(i);
      }
      store.resize(256 * 1024, 5 * Caches.MIB);
      checkAll(cache, count / 4 + 1, 2_000);
    }
  }

  @Test
  void namesTheSettingsThatDoNotFit() {
    IllegalArgumentException persist =
        assertThrows(
            IllegalArgumentException.class,
            () -> options(4 * Caches.MIB).withPersist(Set.of(Persist.MISSES)));
    assertTrue(String.valueOf(persist.getMessage()).contains("persist is [MISSES]"));
    IllegalStateException budget =
        assertThrows(
            IllegalStateException.class,
            () -> builder(4 * Caches.MIB).writeBudget(1 << 20).build());
    assertTrue(String.valueOf(budget.getMessage()).contains("writeBudget"));
    IllegalStateException index =
        assertThrows(
            IllegalStateException.class,
            () -> builder(4 * Caches.MIB).indexMemory(8 << 20).build());
    assertTrue(String.valueOf(index.getMessage()).contains("indexMemory"));
  }
}
