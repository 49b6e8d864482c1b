package dev.carafe.tier;

import dev.carafe.log.RecordAddress;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Applies many changes to a table in a copy of it on the heap, and writes the table back at once.
 * Opening a file puts most records before the methods of {@link MemorySegment} are compiled; until
 * then each access takes a microsecond, and an access to an array takes nanoseconds.
 *
 * <p>An object is used by one thread, for one table after the other.
 */
final class IndexLoad {
  private static final int WORDS = 2;

  private long[] slots = {};
  private int[] checks = {};
  private int mask;
  private int count;

  /** Whether a copy pays off: the changes are many, and the table has room for all of them. */
  static boolean suits(IndexTable table, int recordCount, int changes) {
    long slotCount = table.size();
    return changes >= slotCount / 8 && (recordCount + (long) changes) * 5 <= slotCount * 4;
  }

  /**
   * Applies changes.
   *
   * @param table has room for all
   * @param recordCount the number of records that the table has; if 0, its memory is not read
   * @param changes the rows of a list of changes: first word, address, check
   * @param from the index of the first row
   * @param to the index after the last row
   * @return the number of records that the table has now
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
      closeGap(slot);
      count--;
    }
  }

  private void set(int slot, long hash, int check, long address) {
    slots[WORDS * slot] = hash;
    slots[WORDS * slot + 1] = address;
    checks[slot] = check;
  }

  /** As in {@link IndexTable}: shifts back the slots that were probed past the removed one. */
  private void closeGap(int removed) {
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
