package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.MissRatioCurve;
import dev.carafe.MissRatioCurve.Point;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The miss-ratio curve of a cache against replays of its accesses. */
class MissRatioCurveTest {
  private static final int KEYS = 4_000;
  private static final int CHUNK_BYTES = 1024; // header, key and value
  private static final int VALUE_BYTES = CHUNK_BYTES - 8 - 8;

  private static MissRatioCurve curve(Carafe<?, ?> cache) {
    MissRatioCurve curve = cache.tierStats().missRatioCurve();
    assertNotNull(curve);
    return curve;
  }

  private static List<Long> popularKeys(int requests) {
    SplittableRandom random = new SplittableRandom(5);
    List<Long> keys = new ArrayList<>();
    for (int request = 0; request < requests; request++) {
      keys.add((long) Math.pow(KEYS, random.nextDouble()));
    }
    return keys;
  }

  /** Returns the hit ratio of a least-recently-used cache. */
  private static double replay(List<Long> keys, long capacityBytes) {
    Map<Long, Boolean> cache =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
            return (long) size() * CHUNK_BYTES > capacityBytes;
          }
        };
    long hits = 0;
    for (Long key : keys) {
      hits += cache.put(key, true) == null ? 0 : 1;
    }
    return (double) hits / keys.size();
  }

  private static void readAll(Carafe<Long, byte[]> cache, List<Long> keys) {
    for (Long key : keys) {
      byte[] value = cache.get(key, missing -> new byte[VALUE_BYTES]);
      assertEquals(VALUE_BYTES, value.length);
    }
  }

  private static CarafeBuilder<Long, byte[]> builder(long memoryBytes) {
    return Caches.builder(memoryBytes).recordMissRatioCurve().executor(Runnable::run);
  }

  @Test
  void memoryOfOtherSizesIsWithinTwoPointsOfReplays() {
    List<Long> keys = popularKeys(100_000);
    try (Carafe<Long, byte[]> cache = builder(Caches.MIB).build()) {
      readAll(cache, keys);
      MissRatioCurve curve = curve(cache);
      assertEquals(keys.size(), curve.reads());
      for (double size : new double[] {0.1, 0.2, 0.35, 0.5, 1, 1.5, 2.5, 4}) {
        long bytes = (long) (size * Caches.MIB);
        double expected = 100 * replay(keys, bytes);
        assertEquals(expected, 100 * curve.hitRatio(bytes), 2, () -> "hit ratio at " + size);
      }
      assertEquals(4, curve.memory().size());
      for (Point point : curve.memory()) {
        double filled = point.bytes() * 15.0 / 16; // by the policy
        assertEquals(100 * replay(keys, (long) filled), 100 * point.hitRatio(), 2);
      }
      assertEquals(List.of(), curve.file());
    }
  }

  @Test
  void filesOfOtherSizesIncludeWhatTheFileHadBefore(@TempDir Path directory) {
    List<Long> keys = popularKeys(50_000);
    FileOptions file =
        FileOptions.at(directory.resolve("a.carafe"), 2 * Caches.MIB)
            .withCompression(FileOptions.Compression.NONE);
    try (Carafe<Long, byte[]> cache = builder(Caches.MIB / 4).file(file).build()) {
      readAll(cache, keys);
      MissRatioCurve curve = curve(cache);
      List<Long> bytes = curve.file().stream().map(Point::bytes).toList();
      assertEquals(List.of(Caches.MIB, 2 * Caches.MIB, 4 * Caches.MIB, 8 * Caches.MIB), bytes);
      for (Point point : curve.file()) {
        double expected = 100 * replay(keys, point.bytes());
        assertEquals(expected, 100 * point.hitRatio(), 2, point::toString);
      }
    }
    try (Carafe<Long, byte[]> cache = builder(Caches.MIB / 4).file(file).build()) {
      List<Long> last = keys.subList(keys.size() - 100, keys.size());
      readAll(cache, last);
      long hits = cache.tierStats().file().hits() + cache.tierStats().memory().hits();
      List<Point> sizes = curve(cache).file();
      assertTrue(hits > 90, () -> hits + " of the last 100 reads hit again");
      assertEquals(hits / 100.0, sizes.get(1).hitRatio(), 1e-9, "the present size");
      assertTrue(sizes.getFirst().hitRatio() < hits / 100.0, sizes::toString);
    }
  }

  @Test
  void compressionMakesAFileLarger(@TempDir Path directory) {
    try (Carafe<Long, byte[]> cache =
        builder(Caches.MIB / 4).file(directory.resolve("a.carafe"), 2 * Caches.MIB).build()) {
      List<Long> keys = popularKeys(20_000);
      readAll(cache, keys); // values of zeros
      double expected = replay(keys, Long.MAX_VALUE);
      assertEquals(expected, curve(cache).file().get(1).hitRatio(), 0.001, "all keys fit");
    }
  }

  @Test
  void expiredAndRemovedValuesAreMisses() {
    AtomicLong nanos = new AtomicLong();
    try (Carafe<Long, byte[]> cache =
        builder(Caches.MIB).expireAfterWrite(Duration.ofHours(1)).ticker(nanos::get).build()) {
      for (long key = 0; key < 10; key++) {
        cache.put(key, new byte[100]);
      }
      assertNotNull(cache.getIfPresent(0L));
      cache.invalidate(1L);
      assertNull(cache.getIfPresent(1L));
      assertEquals(0.5, curve(cache).hitRatio(Caches.MIB));
      nanos.addAndGet(Duration.ofHours(2).toNanos());
      assertNull(cache.getIfPresent(2L));
      assertNull(cache.getIfPresent(3L));
      assertEquals(0.25, curve(cache).hitRatio(Caches.MIB));
      cache.put(4L, new byte[100]);
      cache.invalidateAll();
      assertNull(cache.getIfPresent(4L));
      assertEquals(0.2, curve(cache).hitRatio(Caches.MIB), 1e-9);
    }
  }

  @Test
  void itIsOffByDefaultAndBelongsToOneCacheOfAStore() {
    try (Carafe<Long, byte[]> cache = Caches.builder(Caches.MIB).build()) {
      assertNull(cache.tierStats().missRatioCurve());
    }
    try (CarafeStore store = CarafeStore.newBuilder().memory(Caches.MIB).build();
        Carafe<Long, byte[]> cache =
            store.cache("a", Codec.int64(), Codec.bytes()).recordMissRatioCurve().build()) {
      cache.put(1L, new byte[10]);
      assertNotNull(cache.getIfPresent(1L));
      assertEquals(1, curve(cache).hitRatio(Caches.MIB));
      assertNull(store.tierStats().missRatioCurve());
    }
  }

  @Test
  void aNegativeSizeIsRefused() {
    try (Carafe<Long, byte[]> cache = builder(Caches.MIB).build()) {
      MissRatioCurve curve = curve(cache);
      assertEquals(0, curve.hitRatio(0));
      var error = assertThrows(IllegalArgumentException.class, () -> curve.hitRatio(-1));
      assertTrue(String.valueOf(error.getMessage()).contains("-1"), error::toString);
    }
  }
}
