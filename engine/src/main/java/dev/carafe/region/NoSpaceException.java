package dev.carafe.region;

/**
 * Thrown if a region has no free chunk. It has no stack trace, since a full region is a normal
 * state. {@link Region#tryAlloc()} returns null instead.
 */
public final class NoSpaceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception for a full region.
   *
   * @param slots number of its chunks
   * @param blockSize bytes of each chunk
   */
  NoSpaceException(int slots, int blockSize) {
    super("all " + slots + " chunks of " + blockSize + " bytes are taken", null, false, false);
  }
}
