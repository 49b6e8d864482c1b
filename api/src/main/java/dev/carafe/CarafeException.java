package dev.carafe;

/**
 * A failure outside the program: of the file, the device or the operating system. Wrong calls throw
 * {@link IllegalArgumentException} or {@link IllegalStateException}, and a missing value is null.
 * The message names the location, the expected and the actual state.
 */
public abstract sealed class CarafeException extends RuntimeException
    permits DamagedFileException,
        DeviceException,
        FileFormatException,
        FileFullException,
        FileInUseException {
  private static final long serialVersionUID = 1L;

  CarafeException(String message, @org.jspecify.annotations.Nullable Throwable cause) {
    super(message, cause);
  }
}
