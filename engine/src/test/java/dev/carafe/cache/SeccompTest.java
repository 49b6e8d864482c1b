package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.FileOptions.Io;
import dev.carafe.Health;
import dev.carafe.device.Seccomp;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A seccomp filter refuses a system call of io_uring before the cache is opened or while it is
 * open. The file continues on a channel (contract F2).
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SeccompTest {
  private static final String NO_FILTER = "no filter can be had here";

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "425, 1, before, io_uring_setup",
    "426, 38, before, io_uring_enter",
    "427, 1, before, io_uring_register",
    "426, 1, after, io_uring_enter",
    "426, 13, after, io_uring_enter",
  })
  void theChannelServesAndHealthNamesTheCall(int number, int errno, String when, String call)
      throws Exception {
    UsableDevices.usable(Io.URING);
    Process child =
        ChildJvm.of(
                Filtered.class,
                directory.resolve("c").toString(),
                String.valueOf(number),
                String.valueOf(errno),
                when)
            .start();
    String output = new String(child.getInputStream().readAllBytes(), UTF_8);
    int status = child.waitFor();
    Assumptions.assumeFalse(output.contains(NO_FILTER), output);
    assertEquals(0, status, output);
    assertTrue(output.contains(call), output);
    assertTrue(output.contains("seccomp"), output);
  }

  /** Arguments: file, number, errno, before or after the cache is opened. */
  static final class Filtered {
    private static final long KEYS = 1500;

    private Filtered() {}

    /**
     * In a process of its own.
     *
     * @param args see above
     */
    public static void main(String[] args) throws InterruptedException {
      Path file = Path.of(args[0]);
      boolean before = args[3].equals("before");
      if (before) {
        filter(args);
      }
      try (Carafe<Long, byte[]> cache = Caches.builder(MIB, file, 16 * MIB, Io.AUTO).build()) {
        put(cache, 0);
        cache.flush();
        if (!before) {
          assertTrue(cache.health().device().contains("URING") || hasFixed(cache));
          filter(args);
        }
        check(cache, 0);
        put(cache, 1);
        cache.flush();
        check(cache, 1);
        Thread virtual = Thread.ofVirtual().start(() -> check(cache, 1));
        virtual.join();
        Health health = cache.health();
        assertEquals("CHANNEL", health.device());
        assertEquals(Health.State.OK, Objects.requireNonNull(health.file()).state());
        System.out.println(health.deviceReason());
      }
      try (Carafe<Long, byte[]> cache = Caches.builder(MIB, file, 16 * MIB, Io.AUTO).build()) {
        check(cache, 1);
      }
    }

    private static boolean hasFixed(Carafe<?, ?> cache) {
      return cache.health().device().startsWith("FIXED_BUFFERS");
    }

    private static void filter(String[] args) {
      try {
        Seccomp.refuse(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
      } catch (IllegalStateException e) {
        System.out.println(NO_FILTER + ": " + e.getMessage());
        System.exit(0);
      }
    }

    private static void put(Carafe<Long, byte[]> cache, long version) {
      for (long key = 0; key < KEYS; key++) {
        cache.put(key, value(key, version, 5000));
      }
    }

    private static void check(Carafe<Long, byte[]> cache, long version) {
      for (long key = 0; key < KEYS; key++) {
        assertArrayEquals(value(key, version, 5000), cache.getIfPresent(key));
      }
    }
  }
}
