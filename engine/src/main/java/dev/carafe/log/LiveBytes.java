package dev.carafe.log;

import dev.carafe.base.Invariants;
import java.util.Arrays;

/**
 * The live bytes of each extent: those of its records in the index, and of their directory entries.
 * Guarded by the history lock.
 */
public final class LiveBytes {
  private final Geometry geometry;
  private final long[] bytes;
  private long total;

  LiveBytes(Geometry geometry) {
    this.geometry = geometry;
    this.bytes = new long[geometry.extentCount()];
  }

  /**
   * Counts a record as live.
   *
   * @param address of the record
   */
  public void add(long address) {
    bytes[RecordAddress.slot(address)] += RecordAddress.occupiedBytes(address);
    total += RecordAddress.occupiedBytes(address);
  }

  /**
   * Counts a record as no longer live.
   *
   * @param address of the record
   */
  public void remove(long address) {
    bytes[RecordAddress.slot(address)] -= RecordAddress.occupiedBytes(address);
    total -= RecordAddress.occupiedBytes(address);
  }

  /** Counts all records as no longer live. */
  public void clear() {
    Arrays.fill(bytes, 0);
    total = 0;
  }

  /** Counts the records of an extent slot as no longer live. */
  void clear(int slot) {
    total -= bytes[slot];
    bytes[slot] = 0;
  }

  long of(long sequence) {
    return bytes[geometry.slotOf(sequence)];
  }

  /**
   * The live bytes of all extents.
   *
   * @return their sum
   */
  public long total() {
    return total;
  }

  /** Compares the counts with the records of the index. */
  void checkInvariants(RecordIndex index) {
    long[] found = new long[bytes.length];
    index.forEach((hash, address) ->
        found[RecordAddress.slot(address)] += RecordAddress.occupiedBytes(address));
    Invariants.check(
        Arrays.equals(found, bytes),
        "LiveBytes: the index has "
            + Arrays.toString(found)
            + ", counted "
            + Arrays.toString(bytes));
  }

  /** Checks that no count is negative, and that the total is the sum of the counts. */
  void checkSum() {
    long sum = 0;
    for (int slot = 0; slot < bytes.length; slot++) {
      Invariants.check(bytes[slot] >= 0, "LiveBytes: negative at extent slot " + slot);
      sum += bytes[slot];
    }
    Invariants.check(
        sum == total,
        "LiveBytes: the sum " + sum + " of all extents differs from the total " + total);
  }
}
