package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Io;
import dev.carafe.Lease;
import dev.carafe.base.Soak;
import dev.carafe.base.Together;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Closes a cache while eight threads call all operations. Each call succeeds or throws {@code
 * IllegalStateException}, no value is wrong, and the JVM does not crash (contract M4).
 */
@Timeout(value = 1800, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SmallRecentReads
final class CloseDuringTrafficTest {
  private static final int THREADS = 8;
  private static final int KEYS = 400;
  private static final int VALUE_BYTES = 2000;

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(
      value = Io.class,
      names = {"FIXED_BUFFERS", "URING", "CHANNEL"})
  void callsEndDuringClose(Io io) {
    Io usable = UsableDevices.usable(io);
    FileOptions options = FileOptions.at(directory.resolve("c"), 2 * MIB).withIo(usable);
    int rounds = Soak.times(17, 334);
    Soak.seeded(random -> {
      for (int i = 0; i < rounds; i++) {
        round(options, random.split());
      }
    });
  }

  private static void round(FileOptions options, SplittableRandom random) throws Exception {
    Carafe<Long, byte[]> cache = Caches.builder(MIB / 2).file(options).build();
    CountDownLatch begun = new CountDownLatch(THREADS);
    List<FutureTask<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      SplittableRandom own = random.split();
      FutureTask<Boolean> task = new FutureTask<>(() -> traffic(cache, own, begun));
      tasks.add(task);
      Thread.ofPlatform().daemon().start(task);
    }
    begun.await();
    boolean early = new CountDownLatch(1).await(random.nextInt(12_000), TimeUnit.MICROSECONDS);
    cache.close();
    for (FutureTask<Boolean> task : tasks) {
      assertTrue(task.get() && !early);
    }
    assertThrows(IllegalStateException.class, () -> cache.getIfPresent(1L));
  }

  /**
   * Regression: the second close returned at once, so that the process could end before all values
   * were in the file (D1).
   */
  @Test
  void secondCloseWaitsForTheFirst() {
    FileOptions options = FileOptions.at(directory.resolve("c"), 8 * MIB);
    for (int round = 0; round < 10; round++) {
      Carafe<Long, byte[]> cache = Caches.builder(MIB).file(options).build();
      for (long key = 0; key < KEYS; key++) {
        cache.put(key, bytes(key));
      }
      Together.platform(
          3,
          me -> {
            if (me == 0) {
              Thread.currentThread().interrupt();
            }
            cache.close();
            assertEquals(me == 0, Thread.interrupted(), "the interrupt stays");
            assertEquals(
                0,
                ((CarafeCache<Long, byte[]>) cache).context.statistics().memoryUsage().totalBytes(),
                "still closing");
          });
    }
  }

  /** Calls operations until the cache is closed. */
  private static boolean traffic(
      Carafe<Long, byte[]> cache, SplittableRandom random, CountDownLatch begun) {
    try {
      for (int i = 0; ; i++) {
        if (i == 50) {
          begun.countDown();
        }
        step(cache, random.nextLong(KEYS), random);
      }
    } catch (IllegalStateException e) {
      begun.countDown();
      if (!String.valueOf(e.getMessage()).contains("closed")) {
        throw e;
      }
      return true;
    }
  }

  private static void step(Carafe<Long, byte[]> cache, long key, SplittableRandom random) {
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> cache.put(key, bytes(key));
      case 3 -> cache.invalidate(key);
      case 4 -> check(key, cache.get(key, CloseDuringTrafficTest::bytes));
      case 5 -> {
        Long sum = cache.read(key, CloseDuringTrafficTest::checked);
        assertTrue(sum == null || sum == key);
      }
      case 6 -> {
        try (Lease lease = cache.lease(key)) {
          if (lease != null) {
            assertEquals(key, checked(lease.segment()));
          }
        }
      }
      case 7 -> check(key, cache.asMap().compute(key, (k, v) -> v == null ? bytes(k) : v));
      case 8 ->
          cache.put(key, VALUE_BYTES, target -> target.copyFrom(MemorySegment.ofArray(bytes(key))));
      case 9 -> {
        if (random.nextInt(20) == 0) {
          cache.flush();
        }
      }
      case 10 -> {
        Map<Long, byte[]> all = cache.getAllPresent(List.of(key, key / 2));
        all.forEach(CloseDuringTrafficTest::check);
      }
      default -> {
        byte[] value = cache.getIfPresent(key);
        if (value != null) {
          check(key, value);
        }
      }
    }
  }

  private static byte[] bytes(long key) {
    byte[] bytes = new byte[VALUE_BYTES];
    MemorySegment.ofArray(bytes).fill((byte) key);
    MemorySegment.ofArray(bytes).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, key);
    return bytes;
  }

  private static void check(long key, byte[] value) {
    assertEquals(key, checked(MemorySegment.ofArray(value)));
  }

  /** Returns the key that all bytes of a value encode. */
  private static long checked(MemorySegment value) {
    long key = value.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    assertEquals(VALUE_BYTES, value.byteSize());
    for (long i = Long.BYTES; i < VALUE_BYTES; i++) {
      if (value.get(ValueLayout.JAVA_BYTE, i) != (byte) key) {
        throw new AssertionError("byte " + i + " of key " + key + " is another's");
      }
    }
    return key;
  }
}
