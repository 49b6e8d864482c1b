package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import dev.carafe.FileOptions.Compression;
import dev.carafe.TierStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file with a write budget, on a simulated clock. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WriteBudgetTest {
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);
  private static final long PER_HOUR = 40 * Caches.MIB;
  private static final int VALUE_BYTES = 8_000;
  private static final int STEPS = 12_000; // an hour, with 2.3 times its budget

  @TempDir Path directory;
  private final AtomicLong nanos = new AtomicLong();
  private long nextKey;

  private FileOptions options() {
    return FileOptions.at(directory.resolve("a.carafe"), 32 * Caches.MIB)
        .withCompression(Compression.NONE);
  }

  private CarafeBuilder<Long, byte[]> builder(long bytesPerHour) {
    return Caches.builder(2 * Caches.MIB)
        .file(options())
        .writeBudget(24 * bytesPerHour)
        .ticker(nanos::get)
        .executor(Runnable::run);
  }

  private static TierStats.FileTier file(Carafe<?, ?> cache) {
    return cache.tierStats().file();
  }

  /** Loads or puts new values during an hour, and removes some of them. */
  private void runOneHour(Carafe<Long, byte[]> cache) {
    for (int step = 0; step < STEPS; step++) {
      nanos.addAndGet(HOUR / STEPS);
      long key = nextKey++;
      if (key % 2 == 0) {
        cache.put(key, Caches.value(key, 0, VALUE_BYTES));
      } else {
        assertNotNull(cache.get(key, missing -> Caches.value(missing, 0, VALUE_BYTES)));
      }
      if (key % 50 == 0 && key > 1_000) {
        cache.invalidate(key - 1_000);
      }
    }
  }

  @Test
  void theDeviceGetsTheBudgetOfEachHour() {
    try (Carafe<Long, byte[]> cache = builder(PER_HOUR).build()) {
      long before = file(cache).bytesWritten();
      for (int hour = 0; hour < 3; hour++) {
        runOneHour(cache);
        long now = file(cache).bytesWritten();
        assertEquals(1, (now - before) / (double) PER_HOUR, 0.05, "hour " + hour);
        before = now;
      }
      assertTrue(file(cache).refusedBudget() > 0, file(cache)::toString);
      assertEquals(0, file(cache).refusedOverload());
      Caches.checkCounters(cache);
    }
  }

  @Test
  void anHourOfLessThanTheBudgetRefusesNothing() {
    try (Carafe<Long, byte[]> cache = builder(6 * PER_HOUR).build()) {
      runOneHour(cache);
      assertEquals(0, file(cache).refusedBudget());
    }
  }

  private Carafe<Long, byte[]> openCopy(Carafe<Long, byte[]> cache) throws IOException {
    assertNotNull(cache.health().file());
    Path copy = directory.resolve("copy.carafe");
    Files.copy(options().path(), copy); // what a power cut leaves after flush
    return Caches.builder(2 * Caches.MIB).file(options().withPath(copy)).build();
  }

  @Test
  void whatMustBeWrittenIsWrittenBeyondTheBudget() throws IOException {
    try (Carafe<Long, byte[]> cache = builder(1).build()) {
      cache.put(1L, Caches.value(1, 0, VALUE_BYTES));
      cache.put(2L, Caches.value(2, 0, VALUE_BYTES));
      cache.put(3L, Caches.value(3, 0, VALUE_BYTES));
      cache.flush();
      cache.put(4L, Caches.value(4, 0, VALUE_BYTES));
      cache.invalidate(1L);
      cache.put(2L, Caches.value(2, 1, VALUE_BYTES));
      for (long key = 100; key < 1_000; key++) {
        cache.put(key, new byte[VALUE_BYTES]); // evicts, and the file takes none
      }
      assertTrue(file(cache).refusedBudget() > 100, file(cache)::toString);
      assertEquals(1, file(cache).records(), "key 3");
      assertNull(cache.getIfPresent(1L));
      cache.put(2L, Caches.value(2, 2, VALUE_BYTES));
      cache.flush();
      try (Carafe<Long, byte[]> copy = openCopy(cache)) {
        assertNull(copy.getIfPresent(1L));
        assertArrayEquals(Caches.value(2, 2, VALUE_BYTES), copy.getIfPresent(2L));
        assertArrayEquals(Caches.value(3, 0, VALUE_BYTES), copy.getIfPresent(3L));
      }
    }
  }

  @Test
  void persistWithinSavesValuesBeyondTheBudgetIfItIsSet() {
    try (Carafe<Long, byte[]> cache = builder(1).persistWithin(Duration.ofMillis(60)).build()) {
      cache.put(1L, Caches.value(1, 0, VALUE_BYTES));
      cache.put(2L, Caches.value(2, 0, VALUE_BYTES));
      while (file(cache).stored() < 2) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1)); // the test has a time limit
      }
      assertEquals(0, file(cache).refusedBudget());
    }
  }

  @Test
  void aStoreHasOneBudgetForAllCaches() {
    try (CarafeStore store =
            CarafeStore.newBuilder()
                .memory(2 * Caches.MIB)
                .file(options())
                .writeBudget(24)
                .ticker(nanos::get)
                .build();
        Carafe<Long, byte[]> cache = store.cache("a", Codec.int64(), Codec.bytes()).build()) {
      for (long key = 0; key < 1_000; key++) {
        cache.put(key, new byte[VALUE_BYTES]);
      }
      assertTrue(store.tierStats().file().refusedBudget() > 100);
    }
  }

  @Test
  void aBudgetThatIsWrongOrHasNoFileIsRefused() {
    var zero = assertThrows(IllegalArgumentException.class, () -> builder(0));
    assertTrue(String.valueOf(zero.getMessage()).contains("writeBudget is 0"), zero::toString);
    CarafeBuilder<Long, byte[]> memoryOnly = Caches.builder(Caches.MIB).writeBudget(7);
    var noFile = assertThrows(IllegalStateException.class, memoryOnly::build);
    assertTrue(String.valueOf(noFile.getMessage()).contains("writeBudget is 7"), noFile::toString);
    CarafeStore.Builder store = CarafeStore.newBuilder().memory(Caches.MIB).writeBudget(8);
    var noFileOfStore = assertThrows(IllegalStateException.class, store::build);
    assertTrue(
        String.valueOf(noFileOfStore.getMessage()).contains("writeBudget is 8"),
        noFileOfStore::toString);
  }
}
