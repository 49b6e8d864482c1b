package dev.carafe;

import java.nio.file.Path;

/**
 * The file is not this cache's: not a Carafe file, of another format version, or of another
 * geometry. It was left untouched.
 */
public final class FileFormatException extends CarafeException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final String expected;
  private final String found;

  /**
   * Creates the exception.
   *
   * @param file the file that was refused
   * @param expected what this engine and its options require
   * @param found what the file has
   */
  public FileFormatException(Path file, String expected, String found) {
    super(file + ": expected " + expected + ", found " + found, null);
    this.file = file.toString();
    this.expected = expected;
    this.found = found;
  }

  /**
   * The refused file.
   *
   * @return its path as it was given
   */
  public Path file() {
    return Path.of(file);
  }

  /**
   * What this engine and its options require.
   *
   * @return a short phrase
   */
  public String expected() {
    return expected;
  }

  /**
   * What the file has.
   *
   * @return a short phrase
   */
  public String found() {
    return found;
  }
}
