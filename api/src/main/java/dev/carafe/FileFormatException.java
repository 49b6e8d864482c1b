package dev.carafe;

import java.nio.file.Path;

/**
 * The file does not match the cache: it is not a Carafe file, or it has another format version,
 * another geometry or other codecs. The file was not changed.
 */
public final class FileFormatException extends CarafeException {
  private static final long serialVersionUID = 1L;

  /** The path of the file. */
  private final String file;

  /** The expected content. */
  private final String expected;

  /** The content of the file. */
  private final String found;

  /**
   * Creates the exception.
   *
   * @param file the file that was refused
   * @param expected the content that this engine and its options require
   * @param found the content of the file
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
   * The content that this engine and its options require.
   *
   * @return a short phrase
   */
  public String expected() {
    return expected;
  }

  /**
   * The content of the file.
   *
   * @return a short phrase
   */
  public String found() {
    return found;
  }
}
