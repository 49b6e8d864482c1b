package dev.carafe;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The operating system refused an operation on the cache's file. */
public final class DeviceException extends CarafeException {
  private static final long serialVersionUID = 1L;

  private final String operation;
  private final String file;
  private final int errno;

  /**
   * Names the operation, the file and the system's answer.
   *
   * @param operation what was tried, such as {@code open} or {@code fdatasync}
   * @param file the file it was tried on
   * @param errno the system's error number, 0 when it gave none
   * @param message what happened and, where there is one, what would help
   * @param cause what reported it, if anything did
   */
  public DeviceException(
      String operation, Path file, int errno, String message, @Nullable Throwable cause) {
    super(file + ": " + operation + ": " + message, cause);
    this.operation = operation;
    this.file = file.toString();
    this.errno = errno;
  }

  /**
   * What was tried.
   *
   * @return the operation's name
   */
  public String operation() {
    return operation;
  }

  /**
   * What it was tried on.
   *
   * @return its path as it was given
   */
  public Path file() {
    return Path.of(file);
  }

  /**
   * The system's error number.
   *
   * @return errno, or 0 when there was none
   */
  public int errno() {
    return errno;
  }
}
