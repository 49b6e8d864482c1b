package dev.carafe;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The operating system refused an operation on the cache's file. */
public final class DeviceException extends CarafeException {
  private static final long serialVersionUID = 1L;

  /** The operation that failed. */
  private final String operation;

  /** The path of the file. */
  private final String file;

  /** The error number of the system, or 0. */
  private final int errno;

  /**
   * Creates the exception.
   *
   * @param operation the operation that failed, such as {@code open} or {@code fdatasync}
   * @param file the file
   * @param errno the system's error number, 0 if there is none
   * @param message what happened and, if known, what to do
   * @param cause the cause, or null
   */
  public DeviceException(
      String operation, Path file, int errno, String message, @Nullable Throwable cause) {
    super(file + ": " + describe(operation, message), cause);
    this.operation = operation;
    this.file = file.toString();
    this.errno = errno;
  }

  /** The operation and its failure; a message that begins with the operation has it already. */
  private static String describe(String operation, String message) {
    return message.startsWith(operation + " ") ? message : operation + " failed: " + message;
  }

  /**
   * The operation that failed.
   *
   * @return its name
   */
  public String operation() {
    return operation;
  }

  /**
   * The file.
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
