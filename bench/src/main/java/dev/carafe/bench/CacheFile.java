package dev.carafe.bench;

import dev.carafe.log.FileReport;
import dev.carafe.log.LogInspection;
import dev.carafe.log.format.Mismatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Opens the file argument of {@code inspect}, {@code verify} and {@code backup}. */
final class CacheFile {
  /** Recovery warns of damage, which these commands print as their result. */
  private static final Logger RECOVERY = Logger.getLogger("dev.carafe");

  private CacheFile() {}

  /** Inspects a file without changing it. */
  static FileReport inspect(Path file, Consumer<Mismatch> damage) {
    requireRegular(file);
    RECOVERY.setLevel(Level.OFF);
    Instant now = Instant.now();
    return LogInspection.run(file, now.getEpochSecond() * 1_000_000_000L + now.getNano(), damage);
  }

  /** Refuses a file that is missing, or is a directory. */
  static void requireRegular(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          Files.exists(file)
              ? "FILE " + file + " is not a regular file"
              : "FILE " + file + " does not exist");
    }
  }
}
