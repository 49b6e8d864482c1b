package dev.carafe.tier;

import dev.carafe.region.ChunkPool;

/** Where reads of the file get their memory from. Never called under a lock of the file tier. */
public interface ChunkSource {
  /**
   * Takes a chunk, evicting if it must.
   *
   * @param bytes at least how long
   * @return a chunk or NONE
   */
  long alloc(int bytes);

  /**
   * Gives a chunk back.
   *
   * @param ref what alloc returned
   */
  void free(long ref);

  /**
   * Where the chunks are.
   *
   * @return their pool
   */
  ChunkPool pool();

  /**
   * How many bytes of chunks there can be at the most.
   *
   * @return bytes, which the buffers of a file are measured by
   */
  default long capacityBytes() {
    return pool().capacityBytes();
  }
}
