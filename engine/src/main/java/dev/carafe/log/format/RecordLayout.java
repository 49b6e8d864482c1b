package dev.carafe.log.format;

import static dev.carafe.log.format.Fields.U16;
import static dev.carafe.log.format.Fields.U32;
import static dev.carafe.log.format.Fields.U64;
import static dev.carafe.log.format.Fields.U8;

import dev.carafe.base.Bits;
import dev.carafe.base.Checksums;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import org.jspecify.annotations.Nullable;

/**
 * The layout of a record: a header, the key, the stored value, and zeros up to the next multiple of
 * 8.
 *
 * <pre>
 *   0       4     5      6         8            12          16               24
 *   crc32c  kind  flags  keyBytes  storedBytes  valueBytes  expiresAtNanos   key … value …
 * </pre>
 *
 * <p>The checksum covers all bytes after it and is salted with the extent's salt. Bytes from an
 * earlier lap of the ring, or from a history that a crash cut off, therefore do not verify.
 */
public final class RecordLayout {
  /** The value of a key. */
  public static final byte VALUE = 1;

  /** A tombstone: later in the log, the key has no value. */
  public static final byte TOMBSTONE = 2;

  /** Removes all keys: later in the log, no key has a value. */
  public static final byte CLEAR = 3;

  /** Excludes the extents before the one named in {@code expiresAtNanos} from the log. */
  public static final byte TAIL = 4;

  /** Fills the last block of a flush. Its stored bytes are zeros. */
  public static final byte PADDING = 5;

  /** The position in the log, in {@code expiresAtNanos}, from which the next lead applies. */
  public static final byte CLOCK_FROM = 6;

  /** The lead of the wall clock over the local clock of an opening, in {@code expiresAtNanos}. */
  public static final byte CLOCK_LEAD = 7;

  /** The expiry time is a wall-clock time; leads do not apply. */
  public static final byte FLAG_WALL = 2;

  /** The stored value is an LZ4 block. */
  public static final byte FLAG_LZ4 = 1;

  /** The alignment of records in bytes. */
  public static final int ALIGNMENT = 8;

  /** The layout of the header. */
  public static final StructLayout LAYOUT =
      Fields.ofBytes(
          24,
          U32.withName("crc32c"),
          U8.withName("kind"),
          U8.withName("flags"),
          U16.withName("keyBytes"),
          U32.withName("storedBytes"),
          U32.withName("valueBytes"),
          U64.withName("expiresAtNanos"));

  /** The length of the header. */
  public static final int HEADER_BYTES = 24;

  /** The maximum ratio of an LZ4 block's decompressed length to its own. */
  public static final int MAX_LZ4_RATIO = 255;

  private static final long CRC_AT = Fields.offset(LAYOUT, "crc32c");
  private static final long KIND_AT = Fields.offset(LAYOUT, "kind");
  private static final long FLAGS_AT = Fields.offset(LAYOUT, "flags");
  private static final long KEY_BYTES_AT = Fields.offset(LAYOUT, "keyBytes");
  private static final long STORED_BYTES_AT = Fields.offset(LAYOUT, "storedBytes");
  private static final long VALUE_BYTES_AT = Fields.offset(LAYOUT, "valueBytes");
  private static final long EXPIRES_AT = Fields.offset(LAYOUT, "expiresAtNanos");

  private RecordLayout() {}

  /**
   * The content of a record header.
   *
   * @param kind a kind of this class
   * @param flags of this class
   * @param keyBytes the length of the key
   * @param storedBytes the length of the value in the file
   * @param valueBytes the decompressed length of the value
   * @param expiresAtNanos nanoseconds since the epoch, {@link Long#MAX_VALUE} for never
   */
  public record Header(
      byte kind, byte flags, int keyBytes, int storedBytes, int valueBytes, long expiresAtNanos) {
    /**
     * Whether the value is compressed.
     *
     * @return true for LZ4
     */
    public boolean isCompressed() {
      return (flags & FLAG_LZ4) != 0;
    }

    /**
     * Returns a header with another expiry time.
     *
     * @param changedFlags flags of this class
     * @param endNanos nanoseconds since the epoch
     * @return the changed header
     */
    public Header withExpiry(byte changedFlags, long endNanos) {
      return new Header(kind, changedFlags, keyBytes, storedBytes, valueBytes, endNanos);
    }

    /**
     * The length of the record.
     *
     * @return bytes, padding included
     */
    public long recordBytes() {
      return RecordLayout.recordBytes(keyBytes, storedBytes);
    }
  }

  /**
   * The length of a record.
   *
   * @param keyBytes the length of its key
   * @param storedBytes the length of its value in the file
   * @return bytes, padding included
   */
  public static long recordBytes(int keyBytes, long storedBytes) {
    return Bits.roundUp(HEADER_BYTES + keyBytes + storedBytes, ALIGNMENT);
  }

  /**
   * Reads a header. It may have any content if the record does not verify.
   *
   * @param at the memory with the record
   * @param offset of the record in it
   * @return its content
   */
  public static Header read(MemorySegment at, long offset) {
    return new Header(
        at.get(U8, offset + KIND_AT),
        at.get(U8, offset + FLAGS_AT),
        Short.toUnsignedInt(at.get(U16, offset + KEY_BYTES_AT)),
        at.get(U32, offset + STORED_BYTES_AT),
        at.get(U32, offset + VALUE_BYTES_AT),
        at.get(U64, offset + EXPIRES_AT));
  }

  /**
   * Whether a header has a known kind, and lengths that fit the room and each other. A caller must
   * check this before it allocates memory by these lengths.
   *
   * @param header as read
   * @param roomBytes the bytes from the record's start to the end of the memory
   * @return false if it can't be the header of a record
   */
  public static boolean isPlausible(Header header, long roomBytes) {
    return header.kind() >= VALUE
        && header.kind() <= CLOCK_LEAD
        && header.storedBytes() >= 0
        && header.valueBytes() >= 0
        && header.recordBytes() <= roomBytes
        && (header.kind() != VALUE || valueFits(header));
  }

  private static boolean valueFits(Header header) {
    return header.isCompressed()
        ? header.valueBytes() <= (long) MAX_LZ4_RATIO * header.storedBytes()
        : header.valueBytes() == header.storedBytes();
  }

  /**
   * Whether a header is plausible, and the checksum of its record matches.
   *
   * @param at the memory with the record
   * @param offset of the record in it
   * @param header as read
   * @param roomBytes the bytes from the record's start to the end of the memory
   * @param salt of the extent
   * @return false if the memory has another record there, or a damaged one
   */
  public static boolean verifiesWithin(
      MemorySegment at, long offset, Header header, long roomBytes, long salt) {
    return isPlausible(header, roomBytes) && verifies(at, offset, header, salt);
  }

  /**
   * Whether the checksum of a plausible record matches.
   *
   * @param at the memory with the record
   * @param offset of the record in it
   * @param header as read
   * @param salt of the extent
   * @return false if any byte was changed
   */
  public static boolean verifies(MemorySegment at, long offset, Header header, long salt) {
    return at.get(U32, offset + CRC_AT) == crc(at, offset, header, salt);
  }

  /**
   * Describes damage of a plausible record.
   *
   * @param at the memory with the record
   * @param offset of the record in it
   * @param header as read
   * @param salt of the extent
   * @return null if it verifies
   */
  public static @Nullable Mismatch mismatch(
      MemorySegment at, long offset, Header header, long salt) {
    int stored = at.get(U32, offset + CRC_AT);
    return Mismatch.ofChecksum(offset, "a record", stored, crc(at, offset, header, salt));
  }

  private static int crc(MemorySegment at, long offset, Header header, long salt) {
    return Checksums.crc32c(salt, at, offset + KIND_AT, header.recordBytes() - KIND_AT);
  }

  /**
   * Writes a record.
   *
   * @param to the target memory
   * @param offset of the record in it
   * @param header its header
   * @param key its key
   * @param stored its value in the stored form
   * @param salt of the extent
   */
  public static void write(
      MemorySegment to,
      long offset,
      Header header,
      MemorySegment key,
      MemorySegment stored,
      long salt) {
    to.set(U8, offset + KIND_AT, header.kind());
    to.set(U8, offset + FLAGS_AT, header.flags());
    to.set(U16, offset + KEY_BYTES_AT, (short) header.keyBytes());
    to.set(U32, offset + STORED_BYTES_AT, header.storedBytes());
    to.set(U32, offset + VALUE_BYTES_AT, header.valueBytes());
    to.set(U64, offset + EXPIRES_AT, header.expiresAtNanos());
    long keyAt = offset + HEADER_BYTES;
    MemorySegment.copy(key, 0, to, keyAt, header.keyBytes());
    MemorySegment.copy(stored, 0, to, keyAt + header.keyBytes(), header.storedBytes());
    long end = keyAt + header.keyBytes() + header.storedBytes();
    to.asSlice(end, offset + header.recordBytes() - end).fill((byte) 0);
    to.set(U32, offset + CRC_AT, crc(to, offset, header, salt));
  }

  /**
   * Whether records of a kind have a number in place of a key. Their directory entries have it in
   * place of a hash.
   *
   * @param kind a kind of this class
   * @return true for TAIL, CLOCK_FROM and CLOCK_LEAD
   */
  public static boolean hasNumber(byte kind) {
    return kind == TAIL || kind == CLOCK_FROM || kind == CLOCK_LEAD;
  }

  /**
   * Sets the flags and the expiry time of a record that was copied to another extent.
   *
   * @param at the memory with the record
   * @param offset of the record in it
   * @param header has the new flags and expiry time; the caller then calls {@link #writeChecksum}
   */
  public static void setExpiry(MemorySegment at, long offset, Header header) {
    at.set(U8, offset + FLAGS_AT, header.flags());
    at.set(U64, offset + EXPIRES_AT, header.expiresAtNanos());
  }

  /**
   * Writes the checksum of a record that was copied to another extent.
   *
   * @param at the memory with the record
   * @param offset of the record in it
   * @param salt of the new extent
   */
  public static void writeChecksum(MemorySegment at, long offset, long salt) {
    at.set(U32, offset + CRC_AT, crc(at, offset, read(at, offset), salt));
  }

  /**
   * The length of a padding record that ends at a block boundary.
   *
   * @param offset a multiple of 8
   * @return 0 at a block boundary, else at least the length of a header
   */
  public static long paddingBytes(long offset) {
    long left = Bits.roundUp(offset, FormatVersion.BLOCK_BYTES) - offset;
    return left == 0 || left >= HEADER_BYTES ? left : left + FormatVersion.BLOCK_BYTES;
  }

  /**
   * Writes a padding record.
   *
   * @param to the target memory
   * @param offset of the padding in it
   * @param bytes the result of {@link #paddingBytes}, not 0
   * @param salt of the extent
   */
  public static void writePadding(MemorySegment to, long offset, long bytes, long salt) {
    to.asSlice(offset, bytes).fill((byte) 0);
    to.set(U8, offset + KIND_AT, PADDING);
    to.set(U32, offset + STORED_BYTES_AT, (int) (bytes - HEADER_BYTES));
    writeChecksum(to, offset, salt);
  }
}
