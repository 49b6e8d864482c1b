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
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Small caches have fixed buffers under the usual limit of locked memory, 8 MiB (contract F2). */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LockedMemoryTest {
  @TempDir Path directory;

  @Test
  void memoryWithinTheLimitIsRegistered() throws Exception {
    UsableDevices.usable(Io.URING);
    ProcessBuilder child = ChildJvm.of(Limited.class, directory.toString());
    List<String> limited = List.of("prlimit", "--memlock=8388608:8388608");
    List<String> powerless = List.of("setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock");
    if (System.getProperty("user.name").equals("root")) {
      child.command().addAll(0, powerless);
    }
    child.command().addAll(0, limited);
    String output;
    int status;
    try {
      Process process = child.start();
      output = new String(process.getInputStream().readAllBytes(), UTF_8);
      status = process.waitFor();
    } catch (IOException e) {
      Assumptions.abort("needs prlimit and setpriv of util-linux: " + e.getMessage());
      return;
    }
    Assumptions.assumeFalse(output.contains("prlimit: ") || output.contains("setpriv: "), output);
    assertEquals(0, status, output);
  }

  /** A process with a limit of 8 MiB of locked memory. */
  static final class Limited {
    private Limited() {}

    /**
     * In a process of its own.
     *
     * @param args a directory
     */
    public static void main(String[] args) {
      Path directory = Path.of(args[0]);
      for (int round = 0; round < 8; round++) { // the kernel unlocks memory after a ring is closed
        Health small = health(directory.resolve("small"), 4 * MIB, 4096 * MIB);
        assertTrue(small.device().startsWith("FIXED_BUFFERS"), small::toString);
        assertEquals("", small.deviceReason());
      }
      Path file = directory.resolve("large");
      Health seen = health(file, 16 * MIB, 64 * MIB);
      for (int round = 0; round < 8 && !seen.device().startsWith("FIXED_BUFFERS"); round++) {
        seen = health(file, 16 * MIB, 64 * MIB); // the memory of the cache before was locked
      }
      assertTrue(seen.device().startsWith("FIXED_BUFFERS"), seen::toString);
      String reason = seen.deviceReason();
      assertTrue(reason.startsWith("fixed buffers for "), reason);
      assertTrue(reason.contains("RLIMIT_MEMLOCK is 8192 KiB"), reason);
      System.out.println(reason);
    }

    private static Health health(Path file, long memoryBytes, long fileBytes) {
      try (Carafe<Long, byte[]> cache =
          Caches.builder(memoryBytes, file, fileBytes, Io.AUTO).build()) {
        long keys = memoryBytes / 5000;
        for (long key = 0; key < keys; key++) {
          cache.put(key, value(key, 0, 10_000));
        }
        cache.flush();
        for (long key = 0; key < keys; key++) {
          assertArrayEquals(value(key, 0, 10_000), cache.getIfPresent(key));
        }
        return cache.health();
      }
    }
  }
}
