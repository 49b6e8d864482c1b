package dev.carafe.device;

import java.util.function.Supplier;

/** How a transfer ended (contract F3). */
public sealed interface IoResult {

  /**
   * All of it was transferred.
   *
   * @param bytes the length of the op's buffer
   */
  record Done(int bytes) implements IoResult {}

  /**
   * The end of the file; everything else is resumed.
   *
   * @param bytes how many were transferred
   * @param expected how many were asked for
   */
  record Short(int bytes, int expected) implements IoResult {}

  /**
   * The system refused.
   *
   * @param errno its error number, 0 when it gave none
   * @param message what it said
   */
  record Failed(int errno, String message) implements IoResult {
    /** The outcome of a transfer that can't be told for want of heap; it is repeated. */
    static final Failed OUT_OF_HEAP = new Failed(0, "the heap was full when the transfer ended");

    /**
     * A failure, as far as the heap has room for its message: each transfer has an outcome.
     *
     * @param errno the system's error number, 0 if it gave none
     * @param message makes the message
     */
    static Failed of(int errno, Supplier<String> message) {
      try {
        return new Failed(errno, message.get());
      } catch (OutOfMemoryError e) {
        return OUT_OF_HEAP;
      }
    }
  }

  /**
   * Whether all of it was transferred.
   *
   * @return true for {@link Done}
   */
  default boolean isDone() {
    return this instanceof Done;
  }
}
