package dev.carafe.region;

/**
 * Relocates or drops the chunks that {@link ChunkPool#makeRoom} evacuates. The pool calls it
 * without holding its lock.
 */
public interface Evacuator {
  /**
   * Copies a chunk's content to another chunk and frees the old one, at once or after its last
   * reader exited.
   *
   * @param from the chunk to evacuate
   * @param owner its owner
   * @param to a chunk of the same size
   * @return whether {@code to} is used now; if not, the caller frees it
   */
  boolean relocate(long from, Object owner, long to);

  /**
   * Drops a chunk's content and frees the chunk if its owner permits it.
   *
   * @param from the chunk to evacuate
   * @param owner its owner
   */
  void drop(long from, Object owner);

  /** Frees the chunks that relocate and drop have retired, if they have no readers. */
  default void freeRetired() {}
}
