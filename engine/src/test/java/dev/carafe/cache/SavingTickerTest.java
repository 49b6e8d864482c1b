package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.carafe.Carafe;
import dev.carafe.FileOptions;
import dev.carafe.Health;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The application's ticker throws, or closes the cache, while values are saved within {@code
 * persistWithin} (contract D6). Other values are saved, and no thread waits for itself (contract
 * F5, M4).
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SavingTickerTest {
  private static final StackWalker SAVING = StackWalker.getInstance();

  @TempDir Path directory;

  /** A cache that runs a task when log maintenance calls the application's ticker. */
  private Carafe<Long, byte[]> openWith(Runnable task) {
    Ticker ticker =
        () -> {
          if (SAVING.walk(frames -> frames.anyMatch(SavingTickerTest::saves))) {
            task.run();
          }
          return System.nanoTime();
        };
    return Caches.builder(4 * MIB)
        .file(FileOptions.at(directory.resolve("c"), 16 * MIB))
        .persistWithin(Duration.ofMillis(60))
        .expireAfterWrite(Duration.ofHours(1))
        .ticker(ticker)
        .build();
  }

  private static boolean saves(StackWalker.StackFrame frame) {
    return frame.getClassName().equals(OpenCaches.class.getName());
  }

  /**
   * Other values are saved, and {@code health()} reports no fault, for each kind of exception (F5).
   */
  @ParameterizedTest
  @ValueSource(
      classes = {
        Exception.class,
        IllegalStateException.class,
        AssertionError.class,
        OutOfMemoryError.class
      })
  void aTickerThatThrowsHoldsUpNoOtherValue(Class<? extends Throwable> kind) throws Exception {
    Throwable thrown = kind.getConstructor().newInstance();
    AtomicInteger times = new AtomicInteger();
    Runnable throwOnce =
        () -> {
          if (times.getAndIncrement() < 20) {
            sneak(thrown);
          }
        };
    boolean passes = thrown instanceof VirtualMachineError; // and the write is repeated
    try (Carafe<Long, byte[]> cache = openWith(throwOnce)) {
      for (long key = 0; key < 100; key++) {
        cache.put(key, value(key, 0, 500));
      }
      long saved = passes ? 100 : 80;
      await(() -> {
        assertEquals(Health.Tier.OK, cache.health().file());
        return cache.tierStats().file().stored() >= saved;
      });
      assertEquals(saved, cache.tierStats().file().stored());
      cache.flush();
      assertEquals(100, cache.tierStats().file().stored());
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }

  /** {@code close()} would wait for its own thread (M4). */
  @Test
  void closeFromTheTickerThrows() {
    AtomicReference<@Nullable Carafe<Long, byte[]>> self = new AtomicReference<>();
    AtomicReference<@Nullable Throwable> refused = new AtomicReference<>();
    Runnable close =
        () -> {
          try {
            Objects.requireNonNull(self.get()).close();
          } catch (Throwable t) {
            refused.set(t);
          }
        };
    try (Carafe<Long, byte[]> cache = openWith(close)) {
      self.set(cache);
      cache.put(1L, value(1, 0, 500));
      await(() -> refused.get() != null);
      assertInstanceOf(IllegalStateException.class, refused.get());
      await(() -> cache.tierStats().file().stored() == 1);
      assertArrayEquals(value(1, 0, 500), cache.getIfPresent(1L));
    }
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "it did not come about within 30 s");
      Thread.onSpinWait();
    }
  }
}
