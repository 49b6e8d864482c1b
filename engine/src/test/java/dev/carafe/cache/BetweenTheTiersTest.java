package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Io;
import dev.carafe.base.Together;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Races of operations with values that move between index, spill and file. Each test is a
 * regression test.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SmallRecentReads
final class BetweenTheTiersTest {
  private static final int SMALL_BYTES = 2000;

  @TempDir Path directory;

  private Path file() {
    return directory.resolve("cache.carafe");
  }

  private Carafe<Long, byte[]> open(Path file, Codec<Long> keys) {
    return Carafe.newBuilder()
        .keyCodec(keys)
        .valueCodec(Codec.bytes())
        .memory(MIB)
        .file(FileOptions.at(file, 64 * MIB).withIo(Io.CHANNEL))
        .build();
  }

  private static boolean isAnyAwaited(KeyLocks locks) {
    for (int i = 0; i < locks.count(); i++) {
      if (locks.at(i).hasQueuedThreads()) {
        return true;
      }
    }
    return false;
  }

  @Test
  void flushIncludesEntriesThatAreEvictedMeanwhile() throws Exception { // D2
    long count = 600;
    Path copy = directory.resolve("copy.carafe");
    try (Carafe<Long, byte[]> cache = open(file(), Codec.int64())) {
      Tiers<Long> tiers = ((CarafeCache<Long, byte[]>) cache).context.tiers();
      for (long key = 0; key < count; key++) {
        cache.put(key, value(key, 0, SMALL_BYTES));
      }
      FutureTask<Boolean> flush =
          new FutureTask<>(() -> {
            cache.flush();
            Files.copy(file(), copy);
            return true;
          });
      tiers.storage.locks.lockAll(); // the flush waits at its first entry
      try {
        var _ = Together.start(flush);
        while (!isAnyAwaited(tiers.storage.locks)) {
          Thread.onSpinWait();
        }
        tiers.index.eviction().setMaximum(0);
        tiers.index.cleanUp();
        assertTrue(!tiers.storage.spill.isEmpty());
      } finally {
        tiers.storage.locks.unlockAll();
      }
      Together.join(flush);
    }
    try (Carafe<Long, byte[]> cache = open(copy, Codec.int64())) {
      for (long key = 0; key < count; key++) {
        assertArrayEquals(value(key, 0, SMALL_BYTES), cache.getIfPresent(key), "key " + key);
      }
    }
  }

  /**
   * Regression, found by Lincheck: a read that had searched memory, and then searched the file
   * after an overwrite had moved the value to memory, missed.
   */
  @Test
  void readsRepeatAfterAnOverwriteBetweenTheirLookups() { // R4
    try (Carafe<Long, byte[]> cache = open(file(), Codec.int64())) {
      cache.put(1L, value(1, 0, SMALL_BYTES));
    }
    HookedKeys keys = new HookedKeys();
    AtomicBoolean overwrites = new AtomicBoolean(true);
    try (Carafe<Long, byte[]> cache = open(file(), keys)) {
      keys.hook =
          key -> {
            if (overwrites.getAndSet(false)) {
              cache.put(1L, value(1, 1, SMALL_BYTES));
            }
          };
      assertArrayEquals(value(1, 1, SMALL_BYTES), cache.getIfPresent(1L));
    }
  }

  /**
   * Regression: the leader of a read of the file waited for the key's lock, whose holder waited for
   * the read.
   */
  @Test
  void readsUnderAKeyLockDoNotDeadlock() throws Exception {
    try (Carafe<Long, byte[]> cache = open(file(), Codec.int64())) {
      for (long key = 1; key < 1000; key++) {
        cache.put(key, value(key, 0, SMALL_BYTES));
      }
      CountDownLatch computing = new CountDownLatch(1);
      FutureTask<Boolean> read =
          new FutureTask<>(() -> {
            computing.await();
            assertArrayEquals(value(1, 0, SMALL_BYTES), cache.getIfPresent(1L));
            return true;
          });
      Thread reader = Together.start(read);
      cache
          .asMap()
          .compute(
              1L,
              (key, before) -> {
                computing.countDown();
                while (reader.isAlive() && !isParked(reader)) {
                  Thread.yield();
                }
                return cache.getIfPresent(key);
              });
      Together.join(read);
      assertArrayEquals(value(1, 0, SMALL_BYTES), cache.getIfPresent(1L));
    }
  }

  /** Returns whether a thread waits inside a promotion, and not at the gate. */
  private static boolean isParked(Thread thread) {
    return thread.getState() == Thread.State.WAITING
        && java.util.Arrays.stream(thread.getStackTrace())
            .anyMatch(frame -> frame.getMethodName().equals("promote"));
  }
}
