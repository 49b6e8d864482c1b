package dev.carafe.bench.policy;

import java.util.function.IntConsumer;

/**
 * A memory tier with keys and sizes but no values. Keys are numbers from 0. A size counts as at
 * least one byte. A value larger than the capacity is not cached. Not thread-safe.
 */
interface SimulatedMemory {
  /** Sets a listener that receives each evicted key before its size is reset. */
  void onEviction(IntConsumer listener);

  /**
   * Reads a key, and puts it on a miss.
   *
   * @return whether it was a hit
   */
  boolean get(int key, int size);

  /** Writes a key. */
  void put(int key, int size);

  /** Removes a key. */
  void remove(int key);

  /** The size of a cached key; 0 if the key is not cached. */
  int size(int key);
}
