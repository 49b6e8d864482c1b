package dev.carafe.cache;

import dev.carafe.CarafeException;
import dev.carafe.FileOptions.Io;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.StringTokenizer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** The devices that the test machine supports. */
final class UsableDevices {
  private UsableDevices() {}

  /** The kernel releases the rings of earlier tests late, and counts them until then. */
  private static final long ENOUGH_BYTES = 64 << 20;

  private static final int CAP_IPC_LOCK = 14;

  /** Returns whether the user may create as many rings as a test needs. */
  private static boolean mayLockEnough() {
    try {
      String capabilities = field(Path.of("/proc/self/status"), "CapEff:");
      String limit = field(Path.of("/proc/self/limits"), "Max locked memory");
      return (Long.parseUnsignedLong(capabilities, 16) >>> CAP_IPC_LOCK & 1) != 0
          || limit.equals("unlimited")
          || Long.parseLong(limit) >= ENOUGH_BYTES;
    } catch (IOException e) {
      return false;
    }
  }

  private static String field(Path file, String name) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      String line = lines.filter(each -> each.startsWith(name)).findFirst().orElse(name + " 0");
      return new StringTokenizer(line.substring(name.length())).nextToken();
    }
  }

  /** Returns the mode, or AUTO if the mode is not always available. */
  static Io orAuto(Io io) {
    return io == Io.CHANNEL || (mayLockEnough() && whyNot(io) == null) ? io : Io.AUTO;
  }

  /** Returns the mode, or skips the test with the reason that the engine reports. */
  static Io usable(Io io) {
    boolean everyTime = io == Io.AUTO || io == Io.CHANNEL || mayLockEnough();
    String why = everyTime ? whyNot(io) : "too little memory may be locked to have it every time";
    if (why != null) {
      Assumptions.abort(io + " can't be had here: " + why);
    }
    return io;
  }

  private static @Nullable String whyNot(Io io) {
    Path file = null;
    try {
      file = Files.createTempFile("probe", ".carafe");
      Caches.builder(Caches.MIB, file, Caches.MIB, io).build().close();
      return null;
    } catch (IllegalArgumentException | CarafeException e) {
      return e.getMessage();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (file != null) {
        file.toFile().delete();
      }
    }
  }
}
