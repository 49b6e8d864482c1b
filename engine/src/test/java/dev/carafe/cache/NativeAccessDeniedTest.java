package dev.carafe.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.FileOptions;
import dev.carafe.Health;
import dev.carafe.Lease;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A JVM that denies native access: memory and file work, and one log line states what is
 * unavailable (contract F2).
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class NativeAccessDeniedTest {
  private static final String FLAG = "--enable-native-access=ALL-UNNAMED";

  @TempDir private Path directory;

  @Test
  void memoryAndFileWorkWithoutNativeAccess() throws Exception {
    Process child =
        ChildJvm.of(
                List.of("--illegal-native-access=deny"),
                Denied.class,
                directory.resolve("c.carafe").toString())
            .start();
    String output = new String(child.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, child.waitFor(), output);
    assertEquals(2, output.split("native access is denied", -1).length, output); // logged once
    assertTrue(output.contains(FLAG), output);
  }

  /** Uses each operation that would change the lifetime of memory or call the C library. */
  static final class Denied {
    private static final int VALUE_BYTES = 5000;

    private Denied() {}

    /**
     * In a process of its own.
     *
     * @param args the file
     */
    public static void main(String[] args) {
      try (Carafe<Long, byte[]> cache = Caches.builder(1 << 20).build()) {
        use(cache, 1000);
        Health health = cache.health();
        assertEquals(Health.State.OK, health.memory().state());
        assertTrue(health.deviceReason().contains(FLAG), health::toString);
      }
      FileOptions options = FileOptions.at(Path.of(args[0]), 16 << 20);
      try (Carafe<Long, byte[]> cache = Caches.builder(1 << 20).file(options).build()) {
        use(cache, 1000);
        cache.flush();
        Health health = cache.health();
        assertEquals(Health.State.OK, Objects.requireNonNull(health.file()).state());
        assertEquals("CHANNEL", health.device());
        assertTrue(health.deviceReason().contains(FLAG), health::toString);
      }
      try (Carafe<Long, byte[]> cache = Caches.builder(1 << 20).file(options).build()) {
        for (long key = 2; key < 1000; key++) {
          assertArrayEquals(Caches.value(key, 0, VALUE_BYTES), cache.getIfPresent(key));
        }
      }
    }

    private static void use(Carafe<Long, byte[]> cache, long keys) {
      for (long key = 0; key < keys; key++) {
        cache.put(key, Caches.value(key, 0, VALUE_BYTES));
        assertArrayEquals(Caches.value(key, 0, VALUE_BYTES), cache.getIfPresent(key));
      }
      cache.put(1L, 3, target -> target.copyFrom(MemorySegment.ofArray(new byte[] {1, 2, 3})));
      AtomicReference<MemorySegment> kept = new AtomicReference<>();
      byte[] read =
          cache.read(
              1L,
              view -> {
                kept.set(view);
                return view.toArray(ValueLayout.JAVA_BYTE);
              });
      assertArrayEquals(new byte[] {1, 2, 3}, read);
      assertThrows(IllegalStateException.class, () -> kept.get().get(ValueLayout.JAVA_BYTE, 0));
      try (Lease lease = Objects.requireNonNull(cache.lease(1L))) {
        assertArrayEquals(new byte[] {1, 2, 3}, lease.segment().toArray(ValueLayout.JAVA_BYTE));
        kept.set(lease.segment());
      }
      assertThrows(IllegalStateException.class, () -> kept.get().get(ValueLayout.JAVA_BYTE, 0));
      cache.invalidate(1L);
      assertNull(cache.getIfPresent(1L));
      cache.cleanUp();
    }
  }
}
