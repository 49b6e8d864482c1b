package dev.carafe;

/**
 * Thrown by {@link Codec#decode} for bytes that the codec can't read, such as those of a class that
 * has changed since they were written.
 *
 * <p>The cache treats such a value as a miss, like a damaged record, and no reader receives the
 * exception. The log and {@link Carafe#health} report the first one, and {@link
 * TierStats#unreadable} counts them. A loader's value or the next put replaces the value. Any other
 * exception of a codec reaches the caller.
 */
public final class UnreadableValueException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * Wraps an exception of a serializer.
   *
   * @param type the expected type
   * @param cause the serializer's exception
   */
  public UnreadableValueException(Class<?> type, Throwable cause) {
    super("stored bytes can't be read as a " + type.getName() + ": " + cause.getMessage(), cause);
  }
}
