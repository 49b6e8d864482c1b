package dev.carafe.tier;

import dev.carafe.log.RecordAddress;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Applies many changes to a copy of a table on the heap, and writes the table back at once. The
 * opening of a file makes most changes while the JVM still interprets the methods of {@link
 * MemorySegment}. An access to a segment then takes about 1 µs, an access to an array a few ns.
 *
 * <p>Not thread-safe. One object is used for many tables, one after the other.
 */
final class IndexBulkLoad {
  private static final int WORDS = 2;

  private long[] slots = {};
  private int[] checks = {};
  private int mask;
  private int count;

  /** Whether the changes are many enough for a copy, and the table has room for all of them. */
  static boolean isWorthwhile(IndexTable table, int recordCount, int changes) {
    long slotCount = table.size();
    return changes >= slotCount / 8 && (recordCount + (long) changes) * 5 <= slotCount * 4;
  }

  /**
   * Applies changes.
   *
   * @param table a table with room for all changes
   * @param recordCount the number of records in the table; if 0, its memory is not read
   * @param changes the rows of a list of changes: first word, address (NONE to remove), check
   * @param from the index of the first row
   * @param to the index after the last row
   * @return the number of records in the table afterwards
   */
  int apply(IndexTable table, int recordCount, long[] changes, int from, int to) {
    read(table, recordCount);
    count = recordCount;
    for (int row = from; row < to; row++) {
      int at = 3 * row;
      apply(changes[at], (int) changes[at + 2], changes[at + 1]);
    }
    table.copyFrom(slots, checks);
    return count;
  }

  private void read(IndexTable table, int recordCount) {
    mask = table.mask();
    if (checks.length < mask + 1) {
      slots = new long[WORDS * (mask + 1)];
      checks = new int[mask + 1];
    } else {
      Arrays.fill(slots, 0, WORDS * (mask + 1), 0);
      Arrays.fill(checks, 0, mask + 1, 0);
    }
    if (recordCount > 0) {
      table.copyTo(slots, checks);
    }
  }

  private void apply(long hash, int check, long address) {
    int slot = IndexTable.home(hash, mask);
    while (slots[WORDS * slot + 1] != RecordAddress.NONE
        && (slots[WORDS * slot] != hash || checks[slot] != check)) {
      slot = (slot + 1) & mask;
    }
    boolean isPresent = slots[WORDS * slot + 1] != RecordAddress.NONE;
    if (address != RecordAddress.NONE) {
      set(slot, hash, check, address);
      count += isPresent ? 0 : 1;
    } else if (isPresent) {
      remove(slot);
      count--;
    }
  }

  private void set(int slot, long hash, int check, long address) {
    slots[WORDS * slot] = hash;
    slots[WORDS * slot + 1] = address;
    checks[slot] = check;
  }

  /** Backward-shift deletion, as in {@link IndexTable#remove}. */
  private void remove(int removed) {
    int gap = removed;
    for (int slot = (removed + 1) & mask;
        slots[WORDS * slot + 1] != RecordAddress.NONE;
        slot = (slot + 1) & mask) {
      int home = IndexTable.home(slots[WORDS * slot], mask);
      if (((slot - home) & mask) >= ((slot - gap) & mask)) {
        set(gap, slots[WORDS * slot], checks[slot], slots[WORDS * slot + 1]);
        gap = slot;
      }
    }
    set(gap, 0, 0, RecordAddress.NONE);
  }
}
