package dev.carafe.bench;

import dev.carafe.log.FileReport;
import dev.carafe.log.LogInspection;
import dev.carafe.log.format.Mismatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Consumer;

/** Opens the file argument of {@code inspect} and {@code verify}. */
final class CacheFile {
  private CacheFile() {}

  /** Inspects a file without changing it. */
  static FileReport inspect(Path file, Consumer<Mismatch> damage) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          Files.exists(file)
              ? "FILE " + file + " is not a regular file"
              : "FILE " + file + " does not exist");
    }
    Instant now = Instant.now();
    return LogInspection.run(file, now.getEpochSecond() * 1_000_000_000L + now.getNano(), damage);
  }
}
