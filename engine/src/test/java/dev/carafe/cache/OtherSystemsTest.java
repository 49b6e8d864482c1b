package dev.carafe.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.FileInUseException;
import dev.carafe.FileOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Systems other than Linux: memory and file work without native code (contract F2). File locks
 * belong to the process there, as on macOS: closing any channel of the file releases them.
 */
class OtherSystemsTest {
  @TempDir private Path directory;

  @Test
  void linuxClassesAreNotLoaded() throws Exception {
    Path file = directory.resolve("c.carafe");
    Path leftover = directory.resolve(".c.carafe.carafe-new");
    Files.writeString(leftover, "CARAFE\r\n, and no more");
    ProcessBuilder child = ChildJvm.of(Elsewhere.class, file.toString());
    child.environment().put("JDK_JAVA_OPTIONS", "-Xlog:class+load");
    Process process = child.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains("dev.carafe.uring.ffi.Platform "), output);
    assertFalse(output.contains("dev.carafe.uring.ffi.Libc "), "the binding to Linux was loaded");
    assertFalse(Files.exists(leftover), "what an interrupted creation left");
  }

  /** Simulates another system, and reopens a locked file with a value. */
  static final class Elsewhere {
    private Elsewhere() {}

    /**
     * In a process of its own.
     *
     * @param args the file
     */
    public static void main(String[] args) throws Exception {
      System.setProperty("os.name", "Other");
      if (args.length > 1) {
        assertThrows(FileInUseException.class, () -> open(args[0]).close());
        return;
      }
      try (Carafe<String, String> cache = open(args[0])) {
        cache.put("key", "value");
        assertEquals("value", cache.getIfPresent("key"));
        cache.flush();
        assertTrue(cache.health().deviceReason().contains("Other, not Linux"));
        ProcessBuilder other = ChildJvm.of(Elsewhere.class, args[0], "second");
        other.environment().remove("JDK_JAVA_OPTIONS");
        assertEquals(0, other.inheritIO().start().waitFor(), "the file is locked");
      }
      try (Carafe<String, String> cache = open(args[0])) {
        assertEquals("value", cache.getIfPresent("key"));
      }
    }

    private static Carafe<String, String> open(String file) {
      return Carafe.newBuilder()
          .keyCodec(Codec.utf8())
          .valueCodec(Codec.utf8())
          .memory(1 << 20)
          .file(FileOptions.at(Path.of(file), 4 << 20))
          .build();
    }
  }
}
