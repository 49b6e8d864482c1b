package dev.carafe.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** F2 where there is no Linux: memory and file work by Java alone. */
class OtherSystemsTest {
  @TempDir private Path directory;

  @Test
  void nothingThatOnlyLinuxHasIsLoaded() throws Exception {
    ProcessBuilder child = ChildJvm.of(Elsewhere.class, directory.resolve("c.carafe").toString());
    child.environment().put("JDK_JAVA_OPTIONS", "-Xlog:class+load");
    Process process = child.start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), said);
    assertTrue(said.contains("dev.carafe.uring.ffi.Platform "), said);
    assertFalse(said.contains("dev.carafe.uring.ffi.Libc "), "the binding to Linux was loaded");
  }

  /** Says that it is on another system, and keeps a value over a restart there. */
  static final class Elsewhere {
    private Elsewhere() {}

    /**
     * In a process of its own.
     *
     * @param args the file
     */
    public static void main(String[] args) {
      System.setProperty("os.name", "Other");
      try (Carafe<String, String> cache = open(args[0])) {
        cache.put("key", "value");
        assertEquals("value", cache.getIfPresent("key"));
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
