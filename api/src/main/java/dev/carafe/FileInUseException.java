package dev.carafe;

import java.nio.file.Path;

/** The cache's file is open in another process, or in another cache of this one. */
public final class FileInUseException extends CarafeException {
  private static final long serialVersionUID = 1L;

  /** The path of the file. */
  private final String file;

  /**
   * Creates the exception.
   *
   * @param file the file that is in use
   * @param message what uses the file, if known, and what to do
   */
  public FileInUseException(Path file, String message) {
    super(file + ": " + message, null);
    this.file = file.toString();
  }

  /**
   * The file that is in use.
   *
   * @return its path as it was given
   */
  public Path file() {
    return Path.of(file);
  }
}
