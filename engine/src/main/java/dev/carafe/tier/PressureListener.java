package dev.carafe.tier;

/** Makes room in the memory tier when its pool is full. */
public interface PressureListener {
  /** Lets the policy evict entries above its maximum weight, and settles evicted entries. */
  void evictExcess();

  /**
   * Removes an entry from memory, if memory still has it, although the policy has not chosen it.
   *
   * @param cache the number of its cache
   * @param entry the entry whose chunk is to be freed
   */
  void demote(int cache, Entry entry);
}
