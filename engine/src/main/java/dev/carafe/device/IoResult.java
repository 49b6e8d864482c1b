package dev.carafe.device;

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
  record Failed(int errno, String message) implements IoResult {}

  /**
   * Whether all of it was transferred.
   *
   * @return true for {@link Done}
   */
  default boolean isDone() {
    return this instanceof Done;
  }
}
