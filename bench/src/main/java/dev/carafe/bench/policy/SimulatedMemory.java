package dev.carafe.bench.policy;

import java.util.function.IntConsumer;

/**
 * A memory tier that holds keys and sizes but no values. Keys are numbers from 0. A size counts as
 * at least one byte, and a value larger than the capacity is not held. Not thread-safe.
 */
interface SimulatedMemory {
  /** Sets what is called with each evicted key, before its size is forgotten. */
  void onEviction(IntConsumer listener);

  /**
   * Reads a key, and puts it if it is not held.
   *
   * @return whether it was held
   */
  boolean get(int key, int size);

  /** Writes a key. */
  void put(int key, int size);

  /** Removes a key. */
  void remove(int key);

  /** The size of a key that is held; else 0. */
  int size(int key);
}
