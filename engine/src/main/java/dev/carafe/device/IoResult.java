package dev.carafe.device;

import java.util.function.Supplier;

/** The result of a transfer (contract F3). */
public sealed interface IoResult {

  /**
   * The transfer is complete.
   *
   * @param bytes the length of the op's buffer
   */
  record Done(int bytes) implements IoResult {}

  /**
   * The transfer reached the end of the file. The device resumes all other short transfers.
   *
   * @param bytes the number of bytes transferred
   * @param expected the number of bytes requested
   */
  record Short(int bytes, int expected) implements IoResult {}

  /**
   * The system refused the transfer.
   *
   * @param errno the system's error number, 0 if there is none
   * @param message the failed operation and its errno or exception
   */
  record Failed(int errno, String message) implements IoResult {
    /** The result of a transfer whose own result did not fit in the heap. The caller repeats it. */
    static final Failed OUT_OF_HEAP =
        new Failed(0, "the heap was full when the transfer completed");

    /**
     * Creates a failure; returns {@link #OUT_OF_HEAP} if its message does not fit in the heap.
     *
     * @param errno the system's error number, 0 if there is none
     * @param message creates the message
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
   * Whether the transfer is complete.
   *
   * @return true for {@link Done}
   */
  default boolean isDone() {
    return this instanceof Done;
  }
}
