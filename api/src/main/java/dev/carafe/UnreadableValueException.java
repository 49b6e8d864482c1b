package dev.carafe;

/**
 * Thrown by {@link Codec#decode} for bytes that the codec can't read, such as those of a class that
 * has changed since they were written.
 *
 * <p>The cache takes such a value for a miss, as it does a damaged record: nobody who reads sees
 * the exception, the log and {@link Carafe#health} have the first one, {@link TierStats#unreadable}
 * counts, and a loader's value or the next put takes the place. Whatever else a codec throws is its
 * mistake and reaches the caller.
 */
public final class UnreadableValueException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * Wraps what a serializer threw.
   *
   * @param type what the bytes should have been
   * @param cause says why they are not
   */
  public UnreadableValueException(Class<?> type, Throwable cause) {
    super("stored bytes can't be read as a " + type.getName() + ": " + cause.getMessage(), cause);
  }
}
