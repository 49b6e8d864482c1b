package dev.carafe.region;

/**
 * Moves or drops chunks that stand in the way of {@link ChunkPool#makeRoom}; called without any
 * lock of the pool.
 */
public interface Evacuator {
  /**
   * Copies a chunk's content elsewhere and frees the chunk, now or when its last reader left.
   *
   * @param from the chunk that stands in the way
   * @param owner who holds it
   * @param to a chunk of the same size
   * @return whether {@code to} is in use now; if not it goes back
   */
  boolean relocate(long from, Object owner, long to);

  /**
   * Gives a chunk's content up, and frees the chunk, if that can be done.
   *
   * @param from the chunk that stands in the way
   * @param owner who holds it
   */
  void drop(long from, Object owner);

  /** Frees at once what move and drop left to be freed. */
  default void freeRetired() {}
}
