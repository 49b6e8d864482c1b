package dev.carafe.log;

import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.FileHeaderLayout;

/**
 * Where a record lies, in one word. Nobody else shifts or masks it; 0 is never valid, since no
 * record has length 0.
 *
 * <pre>
 *   63 .... 46   45 ....... 24   23 ....... 2   1 0
 *   extent slot  offset / 8      length / 8     heat
 * </pre>
 *
 * <p>Heat counts reads from the file, up to 3; it is no part of the place.
 */
public final class RecordAddress {
  /** No record. */
  public static final long NONE = 0;

  /** How many extents a file may have. */
  public static final int MAX_EXTENTS = FileHeaderLayout.MAX_EXTENTS;

  /** How long an extent may be. */
  public static final long MAX_EXTENT_BYTES = 8L << 22;

  private static final int UNIT_BITS = 22;
  private static final long UNIT_MASK = (1L << UNIT_BITS) - 1;
  private static final long READ_COUNT_MASK = 3;

  private RecordAddress() {}

  /**
   * Packs a place.
   *
   * @param slot of the extent
   * @param offset of the record in it, a multiple of 8
   * @param recordBytes how long it is, a multiple of 8
   * @return an address with no heat
   */
  public static long of(int slot, long offset, long recordBytes) {
    return ((long) slot << 46) | ((offset / 8) << 24) | ((recordBytes / 8) << 2);
  }

  /**
   * Which extent.
   *
   * @param address a place
   * @return its slot
   */
  public static int slot(long address) {
    return (int) (address >>> 46);
  }

  /**
   * Where in the extent.
   *
   * @param address a place
   * @return bytes from its start
   */
  public static long offset(long address) {
    return (address >>> 24 & UNIT_MASK) * 8;
  }

  /**
   * How long the record is.
   *
   * @param address a place
   * @return bytes, padding included
   */
  public static long recordBytes(long address) {
    return (address >>> 2 & UNIT_MASK) * 8;
  }

  /**
   * Returns what the record takes of the file, with its entry of the extent's directory.
   *
   * @param address a place
   * @return bytes
   */
  static long occupiedBytes(long address) {
    return recordBytes(address) + DirectoryLayout.ENTRY.byteSize();
  }

  /**
   * How often it was read from the file lately.
   *
   * @param address a place
   * @return 0 to 3
   */
  public static int readCount(long address) {
    return (int) (address & READ_COUNT_MASK);
  }

  /**
   * The same place, read once more.
   *
   * @param address a place
   * @return its address
   */
  public static long withOneMoreRead(long address) {
    return readCount(address) == READ_COUNT_MASK ? address : address + 1;
  }

  /**
   * Another place with a given heat.
   *
   * @param address a place
   * @param readCount 0 to 3
   * @return its address
   */
  public static long withReadCount(long address, int readCount) {
    return (address & ~READ_COUNT_MASK) | readCount;
  }

  /**
   * Whether two addresses name one place.
   *
   * @param one a place
   * @param other a place
   * @return true if they differ in heat only
   */
  public static boolean isSameRecord(long one, long other) {
    return (one & ~READ_COUNT_MASK) == (other & ~READ_COUNT_MASK);
  }
}
