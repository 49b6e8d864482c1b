package dev.carafe.tier;

import dev.carafe.region.ChunkPool;

/** Allocates chunks for reads of the file. Never called under a lock of the file tier. */
public interface ChunkSource {
  /**
   * Allocates a chunk. Evicts entries if none is free.
   *
   * @param bytes the minimum length
   * @return a chunk ref, or NONE if no room could be made
   */
  long alloc(int bytes);

  /**
   * Frees a chunk.
   *
   * @param ref the ref that alloc returned
   */
  void free(long ref);

  /**
   * Returns the pool of the chunks.
   *
   * @return the pool
   */
  ChunkPool pool();

  /**
   * Returns the capacity of the pool, from which the number of read buffers follows.
   *
   * @return bytes
   */
  default long capacityBytes() {
    return pool().capacityBytes();
  }
}
