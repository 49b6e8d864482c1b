package dev.carafe.log.format;

import static dev.carafe.log.format.Fields.U32;
import static dev.carafe.log.format.Fields.U64;

import dev.carafe.base.Checksums;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import org.jspecify.annotations.Nullable;

/**
 * The header of an extent, in its first block.
 *
 * <pre>
 *   0      8       16        24              32    40      44
 *   magic  fileId  sequence  syncedSequence  salt  crc32c  zero
 * </pre>
 */
public final class ExtentHeaderLayout {
  /** {@code EXTENT\r\n} in file order. */
  public static final long MAGIC = 0x0A0D_544E_4554_5845L;

  /** The layout; the rest of the block is zero. */
  public static final StructLayout LAYOUT =
      Fields.ofBytes(
          48,
          U64.withName("magic"),
          U64.withName("fileId"),
          U64.withName("sequence"),
          U64.withName("syncedSequence"),
          U64.withName("salt"),
          U32.withName("crc32c"),
          U32.withName("zero"));

  /** The highest valid sequence. No file reaches it: an extent has at least 64 KiB. */
  public static final long MAX_SEQUENCE = 1L << 48;

  private static final long MAGIC_AT = Fields.offset(LAYOUT, "magic");
  private static final long ID_AT = Fields.offset(LAYOUT, "fileId");
  private static final long SEQUENCE_AT = Fields.offset(LAYOUT, "sequence");
  private static final long SYNCED_AT = Fields.offset(LAYOUT, "syncedSequence");
  private static final long SALT_AT = Fields.offset(LAYOUT, "salt");
  private static final long CRC_AT = Fields.offset(LAYOUT, "crc32c");

  private ExtentHeaderLayout() {}

  /**
   * The content of an extent header.
   *
   * @param sequence the number of the extent in the log, from 1
   * @param syncedSequence all extents up to this one were synced when this header was written
   * @param salt random, drawn when the extent was opened; the record checksums are salted with it
   */
  public record ExtentHeader(long sequence, long syncedSequence, long salt) {}

  /**
   * Reads a header.
   *
   * @param block an extent's first block
   * @param fileId of this file
   * @return its content, or null if it belongs to another file or does not verify
   */
  public static @Nullable ExtentHeader read(MemorySegment block, long fileId) {
    boolean valid =
        block.get(U64, MAGIC_AT) == MAGIC
            && block.get(U64, ID_AT) == fileId
            && block.get(U32, CRC_AT) == crc(block, fileId)
            && hasPossibleSequences(block);
    return valid
        ? new ExtentHeader(
            block.get(U64, SEQUENCE_AT), block.get(U64, SYNCED_AT), block.get(U64, SALT_AT))
        : null;
  }

  private static boolean hasPossibleSequences(MemorySegment block) {
    long synced = block.get(U64, SYNCED_AT);
    return isPossible(block.get(U64, SEQUENCE_AT)) && synced >= 0 && synced <= MAX_SEQUENCE;
  }

  static boolean isPossible(long sequence) {
    return sequence >= 1 && sequence <= MAX_SEQUENCE;
  }

  /**
   * Describes damage of a header.
   *
   * @param block an extent's first block
   * @param fileId of this file
   * @return null if the block is a header of this file that verifies, followed by zeros
   */
  public static @Nullable Mismatch mismatch(MemorySegment block, long fileId) {
    long magic = block.get(U64, MAGIC_AT);
    long id = block.get(U64, ID_AT);
    Mismatch damage =
        magic != MAGIC
            ? Mismatch.ofMagic("an extent header", MAGIC, magic)
            : id != fileId
                ? new Mismatch(
                    ID_AT,
                    String.format("an extent header of file %016x", fileId),
                    String.format("one of file %016x", id))
                : Mismatch.ofChecksum(
                    0, "an extent header", block.get(U32, CRC_AT), crc(block, fileId));
    if (damage == null && !hasPossibleSequences(block)) {
      return new Mismatch(
          SEQUENCE_AT,
          "sequences up to " + MAX_SEQUENCE,
          block.get(U64, SEQUENCE_AT) + " and " + block.get(U64, SYNCED_AT));
    }
    return damage != null
        ? damage
        : Mismatch.ofPadding(block, CRC_AT + Integer.BYTES, FormatVersion.BLOCK_BYTES);
  }

  private static int crc(MemorySegment block, long fileId) {
    return Checksums.crc32c(fileId, block, MAGIC_AT, CRC_AT);
  }

  /**
   * Writes a header.
   *
   * @param block receives the header and zeros
   * @param fileId of this file
   * @param header its content
   */
  public static void write(MemorySegment block, long fileId, ExtentHeader header) {
    block.asSlice(0, FormatVersion.BLOCK_BYTES).fill((byte) 0);
    block.set(U64, MAGIC_AT, MAGIC);
    block.set(U64, ID_AT, fileId);
    block.set(U64, SEQUENCE_AT, header.sequence());
    block.set(U64, SYNCED_AT, header.syncedSequence());
    block.set(U64, SALT_AT, header.salt());
    block.set(U32, CRC_AT, crc(block, fileId));
  }
}
