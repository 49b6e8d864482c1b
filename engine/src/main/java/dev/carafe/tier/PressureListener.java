package dev.carafe.tier;

/** How the memory tier asks the layer above for room when its pool is full. */
public interface PressureListener {
  /** Lets policy evict what is over its bound, and hands what waits for the file to the file. */
  void evictExcess();

  /**
   * Removes an entry from memory before its time, if it is still there.
   *
   * @param entry what stands in the way
   */
  void demote(Entry entry);
}
