package dev.carafe.tier;

/** Called by the memory tier to make room when its pool is full. */
public interface PressureListener {
  /** Lets the policy evict entries over its bound, and writes evicted entries to the file. */
  void evictExcess();

  /**
   * Removes an entry from memory, out of the policy's order, if it is still there.
   *
   * @param entry the entry whose chunk must be freed
   */
  void demote(Entry entry);
}
