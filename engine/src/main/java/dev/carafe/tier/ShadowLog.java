package dev.carafe.tier;

import java.util.Arrays;

/**
 * A file's log without values: the hashes and sizes of a sample of its records, in the order in
 * which they were appended. At its capacity it reclaims the oldest records, and appends those again
 * that were read since they were appended. 65 KiB of heap, all of it allocated at once. Not
 * thread-safe.
 */
final class ShadowLog {
  /** The number of records that were removed included. */
  static final int MAX_RECORDS = 4096;

  private static final int NONE = -1;
  private static final int MASK = MAX_RECORDS - 1;
  private static final int TABLE_MASK = 2 * MAX_RECORDS - 1;

  private final int[] hashes = new int[MAX_RECORDS];
  private final int[] bytes = new int[MAX_RECORDS]; // of the live records; negative if read since
  private final int[] table = new int[2 * MAX_RECORDS]; // slot + 1 by hash, linear probing; 0: none
  private int oldest; // counts the reclaimed records
  private int next; // counts the appended records
  private int live;
  private long capacityBytes;
  private long usedBytes; // without those of removed records

  ShadowLog(long capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  /** Returns the number of live records. */
  int count() {
    return live;
  }

  /** Returns whether the sample must be halved before the next append. */
  boolean hasNoSlot() {
    return next - oldest == MAX_RECORDS;
  }

  /** Returns whether a record of this size would reclaim others. */
  boolean isFullFor(int size) {
    return usedBytes + size > capacityBytes;
  }

  /** Reads a record; returns whether there is one. */
  boolean read(int hash) {
    int slot = find(hash);
    if (slot == NONE) {
      return false;
    }
    bytes[slot] = -Math.abs(bytes[slot]);
    return true;
  }

  /** Returns whether there is a record of this hash and size. */
  boolean contains(int hash, int size) {
    int slot = find(hash);
    return slot != NONE && Math.abs(bytes[slot]) == size;
  }

  /**
   * Appends a record that replaces the one of the hash. There must be a slot.
   *
   * @param size the bytes, at least 1
   * @return the bytes that were appended, those of records that were appended again included
   */
  long append(int hash, int size) {
    remove(hash);
    if (size > capacityBytes) {
      return 0;
    }
    add(hash, size);
    return size + reclaim();
  }

  private void add(int hash, int size) {
    int slot = next++ & MASK;
    hashes[slot] = hash;
    bytes[slot] = size;
    table[position(hash)] = slot + 1;
    usedBytes += size;
    live++;
  }

  private long reclaim() {
    long again = 0;
    while (usedBytes > capacityBytes) {
      int slot = oldestSlot();
      int hash = hashes[slot];
      int size = bytes[slot];
      remove(hash); // frees its slot
      if (size < 0) {
        add(hash, -size);
        again -= size;
      }
    }
    return again;
  }

  /** Returns the slot of the oldest live record. There is one. */
  private int oldestSlot() {
    skipRemoved();
    return oldest & MASK;
  }

  private void skipRemoved() {
    while (oldest != next && bytes[oldest & MASK] == 0) {
      oldest++;
    }
  }

  /** Returns the hash of the oldest live record. There must be one. */
  int oldestHash() {
    return hashes[oldestSlot()];
  }

  /** Returns whether the oldest live record was read. There must be one. */
  boolean isOldestRead() {
    return bytes[oldestSlot()] < 0;
  }

  void remove(int hash) {
    int gap = position(hash);
    if (table[gap] == 0) {
      return;
    }
    int slot = table[gap] - 1;
    for (int at = (gap + 1) & TABLE_MASK; table[at] != 0; at = (at + 1) & TABLE_MASK) {
      int home = hashes[table[at] - 1] & TABLE_MASK;
      if (((at - home) & TABLE_MASK) >= ((at - gap) & TABLE_MASK)) {
        table[gap] = table[at];
        gap = at;
      }
    }
    table[gap] = 0;
    usedBytes -= Math.abs(bytes[slot]);
    bytes[slot] = 0;
    live--;
    skipRemoved();
  }

  /** Halves the capacity, and keeps the records only whose hashes do not have a bit. */
  void halve(int bit) {
    capacityBytes /= 2;
    int from = oldest;
    int to = next;
    Arrays.fill(table, 0);
    next = oldest;
    live = 0;
    usedBytes = 0;
    for (int at = from; at != to; at++) {
      int hash = hashes[at & MASK];
      int size = bytes[at & MASK];
      bytes[at & MASK] = 0;
      if (size != 0 && (hash & bit) == 0) {
        add(hash, Math.abs(size));
        bytes[(next - 1) & MASK] = size;
      }
    }
    var _ = reclaim();
  }

  /** Removes all records. */
  void clear() {
    Arrays.fill(table, 0);
    oldest = next;
    live = 0;
    usedBytes = 0;
  }

  private int find(int hash) {
    return table[position(hash)] - 1;
  }

  /** Returns the position in the table that has the hash, or the free one where it belongs. */
  private int position(int hash) {
    int at = hash & TABLE_MASK;
    while (table[at] != 0 && hashes[table[at] - 1] != hash) {
      at = (at + 1) & TABLE_MASK;
    }
    return at;
  }

  /** Returns the heap that the arrays take. */
  static long heapBytes() {
    return 4L * MAX_RECORDS * Integer.BYTES;
  }
}
