package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.FileOptions.Io;
import dev.carafe.Lease;
import dev.carafe.log.format.KeyHash;
import dev.carafe.tier.KeyHasher;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which values of the file are promoted to memory while memory is full. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class PromotionFilterTest {
  private static final int ENTRIES = 10_000;
  private static final int KEYS = 10_000;

  @TempDir Path directory;

  private final SplittableRandom random = new SplittableRandom(7);

  private KeyHash newKey() {
    return new KeyHash(random.nextLong(), 0, 0);
  }

  private static boolean admits(PromotionFilter filter, KeyHash key) {
    return filter.admits(key, () -> ENTRIES);
  }

  @Test
  void admitsAllBeforeTheFirstEviction() {
    PromotionFilter filter = new PromotionFilter();
    for (int i = 0; i < 1000; i++) {
      assertTrue(admits(filter, newKey()));
    }
  }

  @Test
  void admitsAtTheSecondRead() {
    PromotionFilter filter = new PromotionFilter();
    filter.recordEviction();
    KeyHash key = newKey();
    assertFalse(admits(filter, key));
    assertTrue(admits(filter, key));
    KeyHash expected = newKey();
    filter.expectRead(expected, () -> ENTRIES);
    assertTrue(admits(filter, expected));
  }

  @Test
  void forgetsKeysAfterTwoPeriods() {
    PromotionFilter filter = new PromotionFilter();
    Set<KeyHash> first = new LinkedHashSet<>();
    while (first.size() < 100) {
      first.add(newKey());
    }
    for (KeyHash key : first) {
      filter.recordEviction();
      admits(filter, key);
    }
    int admitted = 0;
    int others = 3 * ENTRIES; // of which each period takes ENTRIES / 2
    for (int i = 0; i < others; i++) {
      filter.recordEviction();
      admitted += admits(filter, newKey()) ? 1 : 0;
    }
    assertTrue(admitted < others / 5, admitted + " of " + others + " at their first read");
    long again = first.stream().filter(key -> admits(filter, key)).count();
    assertTrue(again < 50, again + " of 100 keys of an earlier period were admitted");
  }

  @Test
  void admitsAllAgainWhenNothingIsEvicted() {
    PromotionFilter filter = new PromotionFilter();
    filter.recordEviction();
    int refused = 0;
    for (int i = 0; i < 1000; i++) {
      refused += admits(filter, newKey()) ? 0 : 1;
    }
    assertEquals(PromotionFilter.READS_AFTER_EVICTION, refused);
  }

  private CarafeBuilder<Long, byte[]> builder() {
    return Caches.builder(2 * MIB, directory.resolve("filter.carafe"), 64 * MIB, Io.CHANNEL);
  }

  private static void fill(Carafe<Long, byte[]> cache) {
    for (long key = 0; key < KEYS; key++) {
      cache.put(key, value(key, 1, 1_000));
    }
    cache.cleanUp();
  }

  private static long promotions(Carafe<?, ?> cache) {
    return cache.tierStats().memory().promotions();
  }

  @Test
  void aScanOfTheFileLeavesMemoryAlone() {
    try (Carafe<Long, byte[]> cache = builder().build()) {
      fill(cache);
      long spilled = cache.tierStats().file().hits();
      for (long key = 0; key < KEYS; key++) {
        assertArrayEquals(value(key, 1, 1_000), cache.getIfPresent(key));
      }
      long read = cache.tierStats().file().hits() - spilled;
      assertTrue(read > KEYS / 2, "the file answered only " + read + " reads");
      assertTrue(promotions(cache) < read / 4, promotions(cache) + " promotions of " + read);
      Caches.checkCounters(cache);
    }
  }

  @Test
  void aValueThatIsReadTwiceIsPromoted() {
    try (Carafe<Long, byte[]> cache = builder().build()) {
      fill(cache);
      int promoted = 0;
      for (long key = 0; key < 100; key++) {
        long before = promotions(cache);
        assertNotNull(cache.getIfPresent(key));
        assertNotNull(cache.getIfPresent(key));
        promoted += promotions(cache) > before ? 1 : 0;
      }
      assertTrue(promoted > 90, promoted + " of 100");
    }
  }

  @Test
  void aLeaseReadsTheFileOnce() {
    try (Carafe<Long, byte[]> cache = builder().build()) {
      fill(cache);
      for (long key = 0; key < 50; key++) {
        assertNotNull(cache.getIfPresent(KEYS / 2 + key)); // keeps the filter refusing
        long before = cache.tierStats().file().hits();
        try (Lease lease = cache.lease(key)) {
          assertNotNull(lease);
          assertEquals(1_000, lease.segment().byteSize());
        }
        assertTrue(cache.tierStats().file().hits() <= before + 1, "key " + key);
      }
    }
  }

  /** Callers that wait for a read get its value from memory (R5). */
  @Test
  void aReadWithWaitersIsKept() {
    Flights<Long> flights = new Flights<>(new KeyLocks(1, new KeyHasher()));
    Load first = Load.ofCurrentThread(Load.Kind.READ);
    assertNull(flights.begin(1L, first));
    assertSame(first, flights.begin(1L, Load.ofCurrentThread(Load.Kind.READ)));
    assertFalse(flights.endWithoutWaiters(1L, first));
    assertFalse(first.outcome().isDone());
    flights.end(1L, first, null);
    Load second = Load.ofCurrentThread(Load.Kind.READ);
    assertNull(flights.begin(1L, second));
    assertTrue(flights.endWithoutWaiters(1L, second));
    assertTrue(second.outcome().isDone());
    assertNull(flights.begin(1L, Load.ofCurrentThread(Load.Kind.READ)));
    assertTrue(flights.endWithoutWaiters(1L, second), "a load that has ended");
  }

  @Test
  void manyReadersOfAKeyReadTheFileTwiceAtMost() throws Exception {
    try (Carafe<Long, byte[]> cache = builder().build();
        ExecutorService threads = Executors.newFixedThreadPool(8)) {
      fill(cache);
      for (long key = 0; key < 200; key++) {
        long wanted = key;
        long before = cache.tierStats().file().hits();
        CyclicBarrier start = new CyclicBarrier(8);
        List<Future<byte[]>> reads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          reads.add(
              threads.submit(() -> {
                start.await();
                return cache.getIfPresent(wanted);
              }));
        }
        for (Future<byte[]> read : reads) {
          assertArrayEquals(value(wanted, 1, 1_000), read.get());
        }
        assertTrue(cache.tierStats().file().hits() <= before + 2, "key " + key);
      }
    }
  }

  /** Otherwise the reads of the file would not postpone the expiry. */
  @Test
  void eachReadPromotesIfReadsChangeTheExpiry() {
    try (Carafe<Long, byte[]> cache = builder().expireAfterAccess(Duration.ofHours(1)).build()) {
      fill(cache);
      long before = promotions(cache);
      long hits = cache.tierStats().file().hits();
      for (long key = 0; key < 1000; key++) {
        assertNotNull(cache.getIfPresent(key));
      }
      assertEquals(cache.tierStats().file().hits() - hits, promotions(cache) - before);
    }
  }
}
