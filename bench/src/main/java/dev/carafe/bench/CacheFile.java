package dev.carafe.bench;

import dev.carafe.log.FileReport;
import dev.carafe.log.LogInspection;
import dev.carafe.log.format.Mismatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Consumer;

/** A file that the command line was told to look into. */
final class CacheFile {
  private CacheFile() {}

  /** Looks into it, without changing it. */
  static FileReport inspect(Path file, Consumer<Mismatch> damage) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "FILE is "
              + file
              + (Files.exists(file) ? " but that is no file" : ", which is not there"));
    }
    Instant now = Instant.now();
    return LogInspection.run(file, now.getEpochSecond() * 1_000_000_000L + now.getNano(), damage);
  }
}
