package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.Lease;
import dev.carafe.base.Together;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.WeakReference;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Leases that are used after close, closed twice, used on another thread, or never closed (contract
 * M1, M2, M3).
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SmallRecentReads
final class LeasesTest {
  private static final int VALUE_BYTES = 3000;

  /** Records the log messages of the engine. */
  private static final class LogMessages extends Handler implements AutoCloseable {
    private final Logger logger = Logger.getLogger("dev.carafe");
    private final LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();

    LogMessages() {
      logger.addHandler(this);
      logger.setUseParentHandlers(false);
    }

    @Override
    public void publish(LogRecord line) {
      messages.add(line.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      logger.removeHandler(this);
      logger.setUseParentHandlers(true);
    }

    /** Runs the garbage collector until a message is logged. */
    String awaitMessage() throws InterruptedException {
      for (int attempt = 0; attempt < 200; attempt++) {
        System.gc();
        String message = messages.poll(100, TimeUnit.MILLISECONDS);
        if (message != null) {
          return message;
        }
      }
      throw new AssertionError("nothing was logged");
    }
  }

  private static Lease lease(Carafe<Long, byte[]> cache, long key) {
    return Objects.requireNonNull(cache.lease(key));
  }

  /** Overwrites all of memory several times. */
  private static void churn(Carafe<Long, byte[]> cache) {
    for (long i = 0; i < 2000; i++) {
      cache.put(100 + i % 500, value(i, 1, VALUE_BYTES));
    }
  }

  @Test
  void leasedChunksAreNotReused() { // M1
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).build()) {
      cache.put(1L, value(1, 0, VALUE_BYTES));
      try (Lease lease = lease(cache, 1)) {
        cache.put(1L, value(1, 1, VALUE_BYTES));
        churn(cache);
        cache.invalidateAll();
        churn(cache);
        assertArrayEquals(value(1, 0, VALUE_BYTES), lease.segment().toArray(ValueLayout.JAVA_BYTE));
      }
    }
  }

  @Test
  void secondCloseHasNoEffect() { // M2
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).build()) {
      cache.put(1L, value(1, 0, VALUE_BYTES));
      for (int i = 0; i < 1000; i++) {
        Lease lease = lease(cache, 1);
        lease.close();
        lease.close();
      }
      assertArrayEquals(value(1, 0, VALUE_BYTES), cache.getIfPresent(1L));
      cache.invalidate(1L);
      cache.cleanUp();
      assertEquals(0, cache.memoryUsage().chunkBytes());
    }
  }

  @Test
  void otherThreadsCanNeitherReadNorClose() { // M2
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).build()) {
      cache.put(1L, value(1, 0, VALUE_BYTES));
      try (Lease lease = lease(cache, 1)) {
        MemorySegment bytes = lease.segment();
        Together.platform(
            1,
            me -> {
              assertThrows(WrongThreadException.class, lease::segment);
              assertThrows(WrongThreadException.class, lease::close);
              assertThrows(WrongThreadException.class, () -> bytes.get(ValueLayout.JAVA_BYTE, 0));
            });
        assertArrayEquals(value(1, 0, VALUE_BYTES), bytes.toArray(ValueLayout.JAVA_BYTE));
      }
    }
  }

  @Test
  void leakedLeasesAreLoggedAndReleased() throws InterruptedException { // M3
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).build();
        LogMessages log = new LogMessages()) {
      cache.put(42L, value(42, 0, VALUE_BYTES));
      leak(cache, 42);
      cache.invalidate(42L);
      String message = log.awaitMessage();
      assertTrue(message.contains("never closed") && message.contains("42"), message);
      assertTrue(message.contains(Thread.currentThread().getName()), message);
      while (cache.memoryUsage().chunkBytes() != 0) {
        Thread.yield(); // the cleaner logs first
        cache.cleanUp();
      }
    }
  }

  private static void leak(Carafe<Long, byte[]> cache, long key) {
    assertEquals(VALUE_BYTES, lease(cache, key).segment().byteSize());
  }

  /**
   * Regression: the chunk was freed when the lease became unreachable, while its segment was still
   * read.
   */
  @Test
  void leasesWithReachableSegmentsAreNotReleased() throws InterruptedException { // M1
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).build();
        LogMessages log = new LogMessages()) {
      cache.put(1L, value(1, 0, VALUE_BYTES));
      MemorySegment[] bytes = {null};
      WeakReference<Lease> dropped = take(cache, bytes);
      cache.invalidate(1L);
      while (dropped.get() != null) {
        System.gc();
      }
      String premature = log.messages.poll(300, TimeUnit.MILLISECONDS);
      churn(cache);
      assertArrayEquals(value(1, 0, VALUE_BYTES), bytes[0].toArray(ValueLayout.JAVA_BYTE));
      assertNull(premature);
      bytes[0] = MemorySegment.NULL;
      assertTrue(log.awaitMessage().contains("key 1"));
    }
  }

  private static WeakReference<Lease> take(
      Carafe<Long, byte[]> cache, @Nullable MemorySegment[] bytes) {
    Lease lease = lease(cache, 1);
    bytes[0] = lease.segment();
    return new WeakReference<>(lease);
  }

  @Test
  void arenaIsUnmappedAfterTheLastLease() { // M4
    Carafe<Long, byte[]> cache = Caches.builder(MIB).build();
    cache.put(1L, value(1, 0, VALUE_BYTES));
    Lease first = lease(cache, 1);
    Lease second = lease(cache, 1);
    cache.close();
    first.close();
    assertArrayEquals(value(1, 0, VALUE_BYTES), second.segment().toArray(ValueLayout.JAVA_BYTE));
    second.close();
    assertThrows(IllegalStateException.class, second::segment);
    assertThrows(IllegalStateException.class, () -> cache.lease(1L));
  }
}
