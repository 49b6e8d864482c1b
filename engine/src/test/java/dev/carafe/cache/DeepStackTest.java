package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.FileOptions;
import dev.carafe.Health;
import dev.carafe.base.Soak;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The stack overflows inside operations at each depth (contract F5). No call hangs, no value is
 * stale, and the structures are consistent afterwards.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DeepStackTest {
  private static final int KEYS = 400;
  private static final int VALUE_BYTES = 900;
  private static final int STACK_BYTES = 256 << 10;
  private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

  @TempDir private Path directory;

  @Test
  void overflowKeepsBothTiersConsistent() {
    FileOptions file = FileOptions.at(directory.resolve("c.carafe"), 2 << 20);
    overflow(Caches.builder(128 << 10).file(file).build());
  }

  @Test
  void overflowKeepsMemoryConsistent() {
    overflow(Caches.builder(128 << 10).build());
  }

  private static void overflow(Carafe<Long, byte[]> opened) {
    try (Carafe<Long, byte[]> cache = opened) {
      Soak.seeded(random -> {
        for (int round = 0; round < Soak.times(4, 50); round++) { // interpreted at first
          Overflowing work = new Overflowing(cache, random.split());
          Thread deep = new Thread(null, work::run, "deep", STACK_BYTES);
          deep.start();
          assertTrue(deep.join(Duration.ofSeconds(40)), () -> "hangs: " + where(deep));
          assertEquals(null, work.failure.get());
          assertTrue(work.overflows > 0);
        }
      });
      for (long key = 0; key < KEYS; key++) {
        cache.put(key, value(key, 7));
      }
      cache.flush();
      Health health = cache.health();
      assertEquals(Health.State.OK, health.memory().state());
      if (health.file() != null) {
        assertEquals(Health.State.OK, Objects.requireNonNull(health.file()).state());
        for (long key = 0; key < KEYS; key++) {
          assertArrayEquals(value(key, 7), cache.getIfPresent(key));
        }
      }
      cache.invalidateAll();
      assertEquals(0, cache.estimatedSize());
    }
  }

  private static byte[] value(long key, int version) {
    byte[] value = new byte[VALUE_BYTES];
    Arrays.fill(value, (byte) (key + version));
    ByteBuffer.wrap(value).putInt(version);
    return value;
  }

  private static int versionOf(byte[] value) {
    return ByteBuffer.wrap(value).getInt();
  }

  private static String where(Thread thread) {
    StringBuilder text = new StringBuilder();
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (!frame.getMethodName().equals("down")) {
        text.append("\n  ").append(frame);
      }
    }
    return text.toString();
  }

  /** Recurses until the stack overflows, and calls operations while it returns. */
  private static final class Overflowing {
    final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Carafe<Long, byte[]> cache;
    private final SplittableRandom random;
    private final int[] acknowledged = new int[KEYS];
    private final long end = System.nanoTime() + ROUND_NANOS;
    private int version = 10;
    private long overflows;

    Overflowing(Carafe<Long, byte[]> cache, SplittableRandom random) {
      this.cache = cache;
      this.random = random;
    }

    void run() {
      while (System.nanoTime() - end < 0 && failure.get() == null) {
        down(0);
      }
    }

    private int down(int depth) {
      int below;
      try {
        below = depth < 0 ? 0 : down(depth + 1) + 1;
      } catch (StackOverflowError e) {
        below = 0;
        overflows++;
      }
      if (below < 200 || random.nextInt(6) == 0) {
        attempt();
      }
      return below;
    }

    private void attempt() {
      try {
        operate();
      } catch (StackOverflowError e) {
        overflows++;
      } catch (Throwable t) {
        failure.compareAndSet(null, t);
      }
    }

    private void operate() {
      int key = random.nextInt(KEYS);
      switch (random.nextInt(10)) {
        case 0, 1, 2, 3 -> {
          int mine = ++version;
          byte[] value = value(key, mine);
          cache.put((long) key, value);
          acknowledged[key] = mine;
        }
        case 4 -> {
          int mine = ++version;
          cache.invalidate((long) key);
          acknowledged[key] = mine;
        }
        case 5 -> {
          var _ = cache.read((long) key, bytes -> bytes.byteSize());
        }
        default -> {
          byte[] seen = cache.getIfPresent((long) key);
          assertFalse(
              seen != null && versionOf(seen) < acknowledged[key],
              () -> "key " + key + " shows an older value than acknowledged");
        }
      }
    }
  }
}
