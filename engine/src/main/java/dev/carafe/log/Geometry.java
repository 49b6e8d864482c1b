package dev.carafe.log;

import dev.carafe.base.Bits;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.RecordLayout;

/**
 * How a file is divided: one block of header, then extents of equal length.
 *
 * @param capacityBytes what the application allows
 * @param extentBytes how long an extent is
 * @param extentCount how many there are
 */
public record Geometry(long capacityBytes, long extentBytes, int extentCount) {
  /** Fewer could not be written, carried from and reclaimed at the same time. */
  public static final int MIN_EXTENTS = 5;

  private static final long MIN_EXTENT_BYTES = 64 * 1024;

  /** A value of 16 MiB with header, key and directory. */
  private static final long MAX_EXTENT_BYTES = (16L << 20) + 64 * 1024;

  /** So many extents if their length allows: what is not yet reclaimed is a small share then. */
  private static final int WANTED_EXTENTS = 15;

  private static final long KEY_ALLOWANCE_BYTES = 1024;

  /**
   * Divides a file.
   *
   * @param capacityBytes what the application allows
   * @return its geometry, always the same for the same capacity
   * @throws IllegalArgumentException if it is too small or too large
   */
  public static Geometry of(long capacityBytes) {
    long wanted = Bits.roundDown(capacityBytes / WANTED_EXTENTS, FormatVersion.BLOCK_BYTES);
    long extentBytes = Math.clamp(wanted, MIN_EXTENT_BYTES, MAX_EXTENT_BYTES);
    long count = (capacityBytes - FormatVersion.BLOCK_BYTES) / extentBytes;
    if (count < MIN_EXTENTS || count > RecordAddress.MAX_EXTENTS) {
      throw new IllegalArgumentException(
          "capacityBytes is "
              + capacityBytes
              + " but must be "
              + (MIN_EXTENTS * MIN_EXTENT_BYTES + FormatVersion.BLOCK_BYTES)
              + " to "
              + RecordAddress.MAX_EXTENTS * MAX_EXTENT_BYTES);
    }
    return new Geometry(capacityBytes, extentBytes, (int) count);
  }

  /**
   * Where an extent begins.
   *
   * @param slot which
   * @return bytes from the start of the file
   */
  public long extentOffset(int slot) {
    return FormatVersion.BLOCK_BYTES + slot * extentBytes;
  }

  /**
   * Where an extent of the log lies.
   *
   * @param sequence its place in history
   * @return its slot
   */
  public int slotOf(long sequence) {
    return (int) (sequence % extentCount);
  }

  /**
   * How much of an extent records can take.
   *
   * @return bytes
   */
  public long payloadBytes() {
    return extentBytes - 2L * FormatVersion.BLOCK_BYTES;
  }

  /**
   * The largest value that surely fits, with a key of up to 1 KiB.
   *
   * @return bytes
   */
  public int maxValueBytes() {
    long headers = 2L * RecordLayout.HEADER_BYTES; // its own, and a TAIL record's
    return (int) (payloadBytes() - headers - KEY_ALLOWANCE_BYTES);
  }
}
