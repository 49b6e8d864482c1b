package dev.carafe.hotrod;

/**
 * Versions of entries that the server had. Since Infinispan 15.0.17 the server gives each write a
 * random version of 63 bits, so a version stands for one value of one key.
 */
final class Versions {
  /**
   * Smaller versions are not random: they were counted by an older server, behind the number of its
   * view and its rank in the upper 32 bits, or the entry has none, since another endpoint wrote it.
   */
  static final long LEAST = 1L << 56;

  private static final int FIRST_SLOTS = 1 << 10;

  private final int most;
  private boolean isFrozen;
  private int size;

  /** An open-addressing table of a power of two, at most half full; 0: free. */
  private long[] slots = new long[FIRST_SLOTS];

  /**
   * Creates it.
   *
   * @param most versions that are remembered
   */
  Versions(int most) {
    this.most = most;
  }

  /** Adds a version, unless the set is full or frozen. */
  synchronized void add(long version) {
    if (version < LEAST || isFrozen || size == most || contains(version)) {
      return;
    }
    if (2 * (size + 1L) > slots.length) {
      long[] old = slots;
      slots = new long[2 * old.length];
      for (long moved : old) {
        if (moved != 0) {
          slots[slotOf(moved)] = moved;
        }
      }
    }
    slots[slotOf(version)] = version;
    size++;
  }

  /** Ends the additions, so that readers need no lock. */
  synchronized void freeze() {
    isFrozen = true;
  }

  /** Returns whether the server had a version. Only after {@link #freeze}. */
  boolean contains(long version) {
    return version >= LEAST && slots[slotOf(version)] == version;
  }

  int size() {
    return size;
  }

  /** The slot of a version, or the free one where it belongs. */
  private int slotOf(long version) {
    int slot = Long.hashCode(version) & slots.length - 1;
    while (slots[slot] != 0 && slots[slot] != version) {
      slot = slot + 1 & slots.length - 1;
    }
    return slot;
  }
}
