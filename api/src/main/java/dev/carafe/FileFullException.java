package dev.carafe;

import java.nio.file.Path;

/**
 * The file has no room for a value, and keeps all others ({@link FileOptions.Retention#KEEP_ALL}).
 * The cache is unchanged.
 */
public final class FileFullException extends CarafeException {
  private static final long serialVersionUID = 1L;

  /** The path of the file. */
  private final String file;

  /**
   * Creates the exception.
   *
   * @param file the file
   * @param message what did not fit, and what to do
   */
  public FileFullException(Path file, String message) {
    super(file + ": " + message, null);
    this.file = file.toString();
  }

  /**
   * The file.
   *
   * @return its path as it was given
   */
  public Path file() {
    return Path.of(file);
  }
}
