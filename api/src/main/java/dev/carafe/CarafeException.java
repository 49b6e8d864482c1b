package dev.carafe;

/**
 * The world went wrong, as opposed to the caller ({@link IllegalArgumentException}, {@link
 * IllegalStateException}) or a value that simply is not there (null). Every kind says where it
 * happened, what was expected and what was found.
 */
public abstract sealed class CarafeException extends RuntimeException
    permits DamagedFileException, DeviceException, FileFormatException, FileInUseException {
  private static final long serialVersionUID = 1L;

  CarafeException(String message, @org.jspecify.annotations.Nullable Throwable cause) {
    super(message, cause);
  }
}
