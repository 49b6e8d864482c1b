package dev.carafe.bench.policy;

import java.util.Arrays;

/** A hash table from hashes to ints with linear probing: 24 to 48 bytes per hash. */
final class HashIndex {
  static final int NONE = -1;

  private long[] hashes = new long[64];
  private int[] values = new int[64];
  private int held;

  HashIndex() {
    Arrays.fill(values, NONE);
  }

  int get(long hash) {
    return values[slotOf(hash)];
  }

  void put(long hash, int value) {
    int slot = slotOf(hash);
    if (values[slot] == NONE && 2 * ++held > values.length) {
      grow();
      slot = slotOf(hash);
    }
    hashes[slot] = hash;
    values[slot] = value;
  }

  void remove(long hash) {
    int gap = slotOf(hash);
    if (values[gap] == NONE) {
      return;
    }
    held--;
    int mask = values.length - 1;
    for (int slot = (gap + 1) & mask; values[slot] != NONE; slot = (slot + 1) & mask) {
      int home = (int) hashes[slot] & mask;
      if (((slot - home) & mask) >= ((slot - gap) & mask)) {
        hashes[gap] = hashes[slot];
        values[gap] = values[slot];
        gap = slot;
      }
    }
    values[gap] = NONE;
  }

  private int slotOf(long hash) {
    int mask = values.length - 1;
    int slot = (int) hash & mask;
    while (values[slot] != NONE && hashes[slot] != hash) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldHashes = hashes;
    int[] oldValues = values;
    hashes = new long[2 * oldHashes.length];
    values = new int[2 * oldValues.length];
    Arrays.fill(values, NONE);
    for (int i = 0; i < oldValues.length; i++) {
      if (oldValues[i] != NONE) {
        int slot = slotOf(oldHashes[i]);
        hashes[slot] = oldHashes[i];
        values[slot] = oldValues[i];
      }
    }
  }
}
