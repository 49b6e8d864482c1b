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
 * A record: a header, the key's bytes, the stored value's bytes, and zeros up to the next multiple
 * of 8.
 *
 * <pre>
 *   0       4     5      6         8            12          16               24
 *   crc32c  kind  flags  keyBytes  storedBytes  valueBytes  expiresAtNanos   key … value …
 * </pre>
 *
 * <p>The checksum covers all that follows it, salted with the extent's salt, so that bytes that an
 * earlier lap of the ring left behind, or a history that a crash cut off, never verify.
 */
public final class RecordLayout {
  /** A key's value. */
  public static final byte VALUE = 1;

  /** A key has no value from here on. */
  public static final byte TOMBSTONE = 2;

  /** No key has a value from here on. */
  public static final byte CLEAR = 3;

  /** Extents before the one named in {@code expiresAtNanos} are no part of the log from here on. */
  public static final byte TAIL = 4;

  /** Fills a block up, where a flush ended; its stored bytes are zeros. */
  public static final byte PADDING = 5;

  /** From the place in the log that stands in {@code expiresAtNanos} on, the next lead counts. */
  public static final byte CLOCK_FROM = 6;

  /** By {@code expiresAtNanos} the wall clock leads over the clock that records are told by. */
  public static final byte CLOCK_LEAD = 7;

  /** The end is told by the wall clock, whatever leads are recorded. */
  public static final byte FLAG_WALL = 2;

  /** The stored value is an LZ4 block. */
  public static final byte FLAG_LZ4 = 1;

  /** Every record begins at a multiple of it. */
  public static final int ALIGNMENT = 8;

  /** The header's struct. */
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

  /** How long the header is. */
  public static final int HEADER_BYTES = 24;

  /** An LZ4 block never stands for more bytes than so many times its own. */
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
   * What a record's header says.
   *
   * @param kind one of this class
   * @param flags of this class
   * @param keyBytes how long the key is
   * @param storedBytes how long the value is in the file
   * @param valueBytes how long the value is
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
     * The same record with another end.
     *
     * @param changedFlags of this class
     * @param endNanos nanoseconds since the epoch
     * @return a changed header
     */
    public Header withExpiry(byte changedFlags, long endNanos) {
      return new Header(kind, changedFlags, keyBytes, storedBytes, valueBytes, endNanos);
    }

    /**
     * How long the record is.
     *
     * @return bytes, padding included
     */
    public long recordBytes() {
      return RecordLayout.recordBytes(keyBytes, storedBytes);
    }
  }

  /**
   * How long a record is.
   *
   * @param keyBytes of its key
   * @param storedBytes of its value in the file
   * @return bytes, padding included
   */
  public static long recordBytes(int keyBytes, long storedBytes) {
    return Bits.roundUp(HEADER_BYTES + keyBytes + storedBytes, ALIGNMENT);
  }

  /**
   * Reads a header, which may say anything if the record does not verify.
   *
   * @param at where it lies
   * @param offset of the record in it
   * @return what it says
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
   * Whether a record is possible at all: known kind, lengths that fit the room and each other, so
   * that nobody allocates what a length pretends.
   *
   * @param header as read
   * @param roomBytes how much there is from the record's start
   * @return false if it can't be one
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
   * Whether a plausible record's checksum is right.
   *
   * @param at where it lies
   * @param offset of the record in it
   * @param header as read
   * @param salt of the extent
   * @return false if any byte differs from what was written
   */
  public static boolean verifies(MemorySegment at, long offset, Header header, long salt) {
    return at.get(U32, offset + CRC_AT) == crc(at, offset, header, salt);
  }

  /**
   * What is wrong with a plausible record.
   *
   * @param at where it lies
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
   * @param to where
   * @param offset of the record in it
   * @param header what it is to say
   * @param key its key
   * @param stored its value as it is stored
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
   * Whether a record has a number in place of a key: its directory entry has it in place of a hash.
   *
   * @param kind one of this class
   * @return true for what says something of the log itself
   */
  public static boolean hasNumber(byte kind) {
    return kind == TAIL || kind == CLOCK_FROM || kind == CLOCK_LEAD;
  }

  /**
   * Gives a record that was copied to another extent another end.
   *
   * @param at where it lies now
   * @param offset of the record in it
   * @param header whose flags and end it gets; to be salted then
   */
  public static void setExpiry(MemorySegment at, long offset, Header header) {
    at.set(U8, offset + FLAGS_AT, header.flags());
    at.set(U64, offset + EXPIRES_AT, header.expiresAtNanos());
  }

  /**
   * Gives a record that was copied to another extent that extent's checksum.
   *
   * @param at where it lies now
   * @param offset of the record in it
   * @param salt of the new extent
   */
  public static void writeChecksum(MemorySegment at, long offset, long salt) {
    at.set(U32, offset + CRC_AT, crc(at, offset, read(at, offset), salt));
  }

  /**
   * How long a padding must be to reach the end of a block from here.
   *
   * @param offset a multiple of 8
   * @return 0 at the end of a block, else enough for a header
   */
  public static long paddingBytes(long offset) {
    long left = Bits.roundUp(offset, FormatVersion.BLOCK_BYTES) - offset;
    return left == 0 || left >= HEADER_BYTES ? left : left + FormatVersion.BLOCK_BYTES;
  }

  /**
   * Writes padding.
   *
   * @param to where
   * @param offset of the padding in it
   * @param bytes what {@link #paddingBytes} said, not 0
   * @param salt of the extent
   */
  public static void writePadding(MemorySegment to, long offset, long bytes, long salt) {
    to.asSlice(offset, bytes).fill((byte) 0);
    to.set(U8, offset + KIND_AT, PADDING);
    to.set(U32, offset + STORED_BYTES_AT, (int) (bytes - HEADER_BYTES));
    writeChecksum(to, offset, salt);
  }
}
