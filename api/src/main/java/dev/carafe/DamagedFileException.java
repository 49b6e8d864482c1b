package dev.carafe;

import java.nio.file.Path;

/**
 * Bytes of the file do not verify, under {@link FileOptions.Recovery#STRICT}. {@link
 * FileOptions.Recovery#SKIP_DAMAGED} opens such a file and keeps the records that verify.
 */
public final class DamagedFileException extends CarafeException {
  private static final long serialVersionUID = 1L;

  /** The path of the file. */
  private final String file;

  /** The start of the damaged structure, in bytes from the start of the file. */
  private final long offset;

  /**
   * Creates the exception.
   *
   * @param file the damaged file
   * @param offset the start of the damaged structure, in bytes from the start of the file
   * @param expected the expected content
   * @param found the actual content
   */
  public DamagedFileException(Path file, long offset, String expected, String found) {
    super(file + ": at byte " + offset + " expected " + expected + ", found " + found, null);
    this.file = file.toString();
    this.offset = offset;
  }

  /**
   * The damaged file.
   *
   * @return its path as it was given
   */
  public Path file() {
    return Path.of(file);
  }

  /**
   * The start of the damaged structure.
   *
   * @return bytes from the start of the file
   */
  public long offset() {
    return offset;
  }
}
