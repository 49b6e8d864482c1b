package dev.carafe.tier;

import java.util.Arrays;

/**
 * Keys in the order of their last accesses, by their hashes, with the bytes that they and their
 * values take. Each access takes the next slot. A Fenwick tree has the sums of the bytes by slot.
 * 48 bytes a key. Not thread-safe.
 */
final class SampledKeys {
  static final int NONE = -1;
  private static final int MIN_SLOTS = 256;

  private int[] table = new int[2 * MIN_SLOTS]; // slot + 1 by hash, with linear probing; 0: none
  private int[] hashes = new int[MIN_SLOTS];
  private int[] bytes = new int[MIN_SLOTS]; // 0: the slot has no key
  private long[] expiresAtNanos = new long[MIN_SLOTS];
  private long[] tree = new long[MIN_SLOTS + 1];
  private int next;
  private int count;
  private long totalBytes;

  /** No slot before this one has a key. */
  private int oldest;

  int count() {
    return count;
  }

  long totalBytes() {
    return totalBytes;
  }

  /** Returns the heap that the arrays take. */
  long memoryBytes() {
    return (long) Integer.BYTES * (table.length + hashes.length + bytes.length)
        + (long) Long.BYTES * (expiresAtNanos.length + tree.length);
  }

  /** Returns the slot of a key, or NONE. */
  int find(int hash) {
    return table[position(hash)] - 1;
  }

  /** Returns the position in the table that has the hash, or the first free one. */
  private int position(int hash) {
    int mask = table.length - 1;
    int at = hash & mask;
    while (table[at] != 0 && hashes[table[at] - 1] != hash) {
      at = (at + 1) & mask;
    }
    return at;
  }

  /** Returns the bytes of the keys that were accessed after this one. */
  long newerBytes(int slot) {
    long upTo = 0;
    for (int node = slot + 1; node > 0; node -= node & -node) {
      upTo += tree[node];
    }
    return totalBytes - upTo;
  }

  int bytes(int slot) {
    return bytes[slot];
  }

  long expiresAtNanos(int slot) {
    return expiresAtNanos[slot];
  }

  /** Returns the slot of the key whose last access is the oldest. There is at least one key. */
  int oldest() {
    while (bytes[oldest] == 0) {
      oldest++;
    }
    return oldest;
  }

  /** Whether {@link #makeRoom} must be called before the next access. */
  boolean isFull() {
    return next == hashes.length;
  }

  /**
   * Frees slots for accesses.
   *
   * @param selected the keys to keep have only zeros in these bits of their hashes
   */
  void makeRoom(int selected) {
    if (selected == 0 && count > hashes.length / 2) {
      grow();
    }
    int kept = 0;
    for (int slot = 0; slot < next; slot++) {
      if (bytes[slot] != 0 && (hashes[slot] & selected) == 0) {
        hashes[kept] = hashes[slot];
        bytes[kept] = bytes[slot];
        expiresAtNanos[kept] = expiresAtNanos[slot];
        kept++;
      }
    }
    Arrays.fill(bytes, kept, bytes.length, 0);
    next = kept;
    count = kept;
    oldest = 0;
    rebuild();
  }

  private void grow() {
    int slots = 2 * hashes.length;
    int[] widerTable = new int[2 * slots];
    int[] widerHashes = Arrays.copyOf(hashes, slots);
    int[] widerBytes = Arrays.copyOf(bytes, slots);
    long[] widerExpires = Arrays.copyOf(expiresAtNanos, slots);
    tree = new long[slots + 1]; // the last allocation that can fail
    table = widerTable;
    hashes = widerHashes;
    bytes = widerBytes;
    expiresAtNanos = widerExpires;
  }

  /** Fills table and tree from the slots. */
  private void rebuild() {
    Arrays.fill(table, 0);
    Arrays.fill(tree, 0);
    totalBytes = 0;
    for (int slot = 0; slot < next; slot++) {
      table[position(hashes[slot])] = slot + 1;
      tree[slot + 1] = bytes[slot];
      totalBytes += bytes[slot];
    }
    for (int node = 1; node < tree.length; node++) {
      int parent = node + (node & -node);
      if (parent < tree.length) {
        tree[parent] += tree[node];
      }
    }
  }

  /** Adds a key as the one that was accessed last. The key is absent, and a slot is free. */
  void add(int hash, int size, long expiry) {
    table[position(hash)] = next + 1;
    count++;
    take(hash, size, expiry);
  }

  /** Makes a key the one that was accessed last. A slot is free. */
  void move(int slot, int size, long expiry) {
    int hash = hashes[slot];
    table[position(hash)] = next + 1; // while the old slot has the hash
    free(slot);
    take(hash, size, expiry);
  }

  private void take(int hash, int size, long expiry) {
    hashes[next] = hash;
    bytes[next] = size;
    expiresAtNanos[next] = expiry;
    change(next, size);
    next++;
  }

  /** Removes a key. */
  void remove(int slot) {
    int mask = table.length - 1;
    int gap = position(hashes[slot]);
    for (int at = (gap + 1) & mask; table[at] != 0; at = (at + 1) & mask) {
      int home = hashes[table[at] - 1] & mask;
      if (((at - home) & mask) >= ((at - gap) & mask)) {
        table[gap] = table[at];
        gap = at;
      }
    }
    table[gap] = 0;
    count--;
    free(slot);
  }

  private void free(int slot) {
    change(slot, -bytes[slot]);
    bytes[slot] = 0;
  }

  private void change(int slot, int delta) {
    totalBytes += delta;
    for (int node = slot + 1; node < tree.length; node += node & -node) {
      tree[node] += delta;
    }
  }

  /** Removes all keys. */
  void clear() {
    Arrays.fill(bytes, 0);
    next = 0;
    count = 0;
    oldest = 0;
    rebuild();
  }
}
