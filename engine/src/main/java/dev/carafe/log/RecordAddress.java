package dev.carafe.log;

import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.FileHeaderLayout;

/**
 * The address of a record, packed into a word. Only this class shifts or masks it. 0 is not a valid
 * address, since no record has length 0.
 *
 * <pre>
 *   63 .... 46   45 ....... 24   23 ....... 2   1 .... 0
 *   extent slot  offset / 8      length / 8     read count
 * </pre>
 *
 * <p>The read count counts reads from the file, up to 3. It does not identify the record.
 */
public final class RecordAddress {
  /** No record. */
  public static final long NONE = 0;

  /** The maximum number of extents in a file. */
  public static final int MAX_EXTENTS = FileHeaderLayout.MAX_EXTENTS;

  /** The maximum length of an extent. */
  public static final long MAX_EXTENT_BYTES = 8L << 22;

  private static final int UNIT_BITS = 22;
  private static final long UNIT_MASK = (1L << UNIT_BITS) - 1;
  private static final long READ_COUNT_MASK = 3;

  private RecordAddress() {}

  /**
   * Packs an address.
   *
   * @param slot of the extent
   * @param offset of the record in it, a multiple of 8
   * @param recordBytes its length, a multiple of 8
   * @return an address with the read count 0
   */
  public static long of(int slot, long offset, long recordBytes) {
    return ((long) slot << 46) | ((offset / 8) << 24) | ((recordBytes / 8) << 2);
  }

  /**
   * Packs the address of a record that a directory lists.
   *
   * @param slot of the extent
   * @param location of the record, as {@link DirectoryLayout#locationAt} returns it
   * @return an address with the read count 0
   */
  static long ofListed(int slot, long location) {
    return of(slot, DirectoryLayout.offset(location), DirectoryLayout.recordBytes(location));
  }

  /**
   * The slot of the extent.
   *
   * @param address of a record
   * @return its slot
   */
  public static int slot(long address) {
    return (int) (address >>> 46);
  }

  /**
   * The offset of the record in its extent.
   *
   * @param address of a record
   * @return bytes from the start of the extent
   */
  public static long offset(long address) {
    return (address >>> 24 & UNIT_MASK) * 8;
  }

  /**
   * The length of the record.
   *
   * @param address of a record
   * @return bytes, padding included
   */
  public static long recordBytes(long address) {
    return (address >>> 2 & UNIT_MASK) * 8;
  }

  /**
   * Returns the bytes of the file that the record and its directory entry use.
   *
   * @param address of a record
   * @return bytes
   */
  static long occupiedBytes(long address) {
    return recordBytes(address) + DirectoryLayout.ENTRY.byteSize();
  }

  /**
   * The number of reads from the file since it was written or copied.
   *
   * @param address of a record
   * @return 0 to 3
   */
  public static int readCount(long address) {
    return (int) (address & READ_COUNT_MASK);
  }

  /**
   * Returns the address with one more read counted.
   *
   * @param address of a record
   * @return the changed address
   */
  public static long withOneMoreRead(long address) {
    return readCount(address) == READ_COUNT_MASK ? address : address + 1;
  }

  /**
   * Returns the address with another read count.
   *
   * @param address of a record
   * @param readCount 0 to 3
   * @return the changed address
   */
  public static long withReadCount(long address, int readCount) {
    return (address & ~READ_COUNT_MASK) | readCount;
  }

  /**
   * Whether two addresses name the same record.
   *
   * @param one an address
   * @param other another address
   * @return true if they differ in the read count only
   */
  public static boolean isSameRecord(long one, long other) {
    return (one & ~READ_COUNT_MASK) == (other & ~READ_COUNT_MASK);
  }
}
