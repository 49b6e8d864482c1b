package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Races between the places where a value may be; each test is a bug that was. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@EarlyShortcut
final class BetweenTheTiersTest {
  private static final int SMALL_BYTES = 2000;
  private static final int LARGE_BYTES = 50_000;

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

  /**
   * Blocks the flush at its first entry until evicted entries wait in the spill, and blocks the
   * threads that settle those until the flush has ended or waits for it.
   */
  private static final class HeldBack {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch evicted = new CountDownLatch(1);
    volatile @Nullable Thread putter;
    volatile @Nullable Thread flusher;

    void at(Tiers<?> tiers) {
      Thread me = Thread.currentThread();
      Thread flushing = flusher;
      long waiting = tiers.memoryCount() - tiers.index().count();
      if (me == flushing && begun.getCount() != 0) {
        begun.countDown();
        awaitUninterruptibly(evicted);
      } else if (me == putter && waiting >= 2 && evicted.getCount() != 0) {
        evicted.countDown();
        while (flushing != null
            && flushing.isAlive()
            && flushing.getState() != Thread.State.WAITING) {
          Thread.yield();
        }
      }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void aFlushFindsWhatSlipsFromTheIndexToTheSpillMeanwhile() throws Exception { // D2
    HookedKeys keys = new HookedKeys();
    HeldBack heldBack = new HeldBack();
    long count = 600;
    Path copy = directory.resolve("copy.carafe");
    try (Carafe<Long, byte[]> cache = open(file(), keys)) {
      Tiers<Long> tiers = ((CarafeCache<Long, byte[]>) cache).context.tiers();
      for (long key = 0; key < count; key++) {
        cache.put(key, value(key, 0, SMALL_BYTES));
      }
      keys.hook = key -> heldBack.at(tiers);
      FutureTask<Boolean> flush =
          new FutureTask<>(() -> {
            heldBack.flusher = Thread.currentThread();
            cache.flush();
            Files.copy(file(), copy);
            return true;
          });
      var _ = Together.start(flush);
      heldBack.begun.await();
      FutureTask<Boolean> puts =
          new FutureTask<>(() -> {
            heldBack.putter = Thread.currentThread();
            for (long key = count; heldBack.evicted.getCount() != 0; key++) {
              cache.put(key, value(key, 0, LARGE_BYTES));
            }
            return true;
          });
      var _ = Together.start(puts);
      Together.join(flush);
      Together.join(puts);
    }
    try (Carafe<Long, byte[]> cache = open(copy, Codec.int64())) {
      for (long key = 0; key < count; key++) {
        assertArrayEquals(value(key, 0, SMALL_BYTES), cache.getIfPresent(key), "key " + key);
      }
    }
  }

  /**
   * A read had looked into memory, then an overwrite put the value there and took it off the file,
   * where the read looked next: it saw neither. Lincheck found it.
   */
  @Test
  void anOverwriteBetweenTheLooksIntoMemoryAndFileIsSeen() { // R4
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
   * The leader of a read of the file waited for the key's lock, whose holder waited for the read.
   */
  @Test
  void aReadInsideAComputationDoesNotWaitForOneThatWaitsForTheComputation() throws Exception {
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

  /** In a lock, not at the gate before it. */
  private static boolean isParked(Thread thread) {
    return thread.getState() == Thread.State.WAITING
        && java.util.Arrays.stream(thread.getStackTrace())
            .anyMatch(frame -> frame.getMethodName().equals("promote"));
  }
}
