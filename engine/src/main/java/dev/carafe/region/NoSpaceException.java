package dev.carafe.region;

/**
 * A region has no free chunk. Expected of a region in use, so it carries no stack trace; {@link
 * Region#tryAlloc()} answers without it.
 */
public final class NoSpaceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Names the region that is full.
   *
   * @param slots how many chunks it has
   * @param blockSize how long each is, in bytes
   */
  NoSpaceException(int slots, int blockSize) {
    super("all " + slots + " chunks of " + blockSize + " bytes are taken", null, false, false);
  }
}
