package dev.carafe.cache;

import dev.carafe.Carafe;
import dev.carafe.CarafeException;
import dev.carafe.FileOptions.Io;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Which ways of I/O can be had where the tests run. */
final class DevicesHere {
  private DevicesHere() {}

  /** The same, or the test is skipped with the engine's own words. */
  static Io usable(Io io) {
    Path file = null;
    try {
      file = Files.createTempFile("probe", ".carafe");
      Carafe<Long, byte[]> probe = Caches.builder(Caches.MIB, file, Caches.MIB, io).build();
      probe.close();
    } catch (IllegalArgumentException | CarafeException e) {
      Assumptions.abort(io + " can't be had here: " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (file != null) {
        file.toFile().delete();
      }
    }
    return io;
  }
}
