package dev.carafe.log.format;

import static dev.carafe.log.format.Fields.U32;
import static dev.carafe.log.format.Fields.U64;

import dev.carafe.base.Checksums;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import org.jspecify.annotations.Nullable;

/**
 * The first block of the file, written once.
 *
 * <pre>
 *   0      8         12      16       24            32            36    40
 *   magic  version   crc32c  fileId   extentBytes   extentCount   zero  capacityBytes
 * </pre>
 */
public final class FileHeaderLayout {
  /** {@code CARAFE\r\n} in the order of the file. */
  public static final long MAGIC = 0x0A0D_4546_4152_4143L;

  /** The struct; the rest of its block is zero. */
  public static final StructLayout LAYOUT =
      Fields.ofBytes(
          48,
          U64.withName("magic"),
          U32.withName("version"),
          U32.withName("crc32c"),
          U64.withName("fileId"),
          U64.withName("extentBytes"),
          U32.withName("extentCount"),
          U32.withName("zero"),
          U64.withName("capacityBytes"));

  private static final long MAGIC_AT = Fields.offset(LAYOUT, "magic");
  private static final long VERSION_AT = Fields.offset(LAYOUT, "version");
  private static final long CRC_AT = Fields.offset(LAYOUT, "crc32c");
  private static final long ID_AT = Fields.offset(LAYOUT, "fileId");
  private static final long EXTENT_BYTES_AT = Fields.offset(LAYOUT, "extentBytes");
  private static final long EXTENT_COUNT_AT = Fields.offset(LAYOUT, "extentCount");
  private static final long CAPACITY_AT = Fields.offset(LAYOUT, "capacityBytes");

  private FileHeaderLayout() {}

  /**
   * What a file header says.
   *
   * @param fileId random; salts every checksum and key hash of the file
   * @param extentBytes how long each extent is
   * @param extentCount how many there are
   * @param capacityBytes what the file was opened with
   */
  public record FileHeader(long fileId, long extentBytes, int extentCount, long capacityBytes) {}

  /**
   * Whether a block begins as a Carafe file does.
   *
   * @param block the file's first block
   * @return true for every version
   */
  public static boolean hasMagic(MemorySegment block) {
    return block.get(U64, MAGIC_AT) == MAGIC;
  }

  /**
   * Which version a block is of.
   *
   * @param block a block with the magic
   * @return its version
   */
  public static int version(MemorySegment block) {
    return block.get(U32, VERSION_AT);
  }

  /**
   * Whether a block's checksum is right.
   *
   * @param block a block with magic and current version
   * @return false if it is damaged
   */
  public static boolean verifies(MemorySegment block) {
    return block.get(U32, CRC_AT) == crc(block);
  }

  /**
   * What is wrong with a block.
   *
   * @param block the file's first block
   * @return null if it is a header of the current version that verifies
   */
  public static @Nullable Mismatch mismatch(MemorySegment block) {
    if (!hasMagic(block)) {
      return Mismatch.ofMagic("a Carafe file", MAGIC, block.get(U64, MAGIC_AT));
    }
    int version = version(block);
    return version == FormatVersion.CURRENT
        ? Mismatch.ofChecksum(0, "a file header", block.get(U32, CRC_AT), crc(block))
        : new Mismatch(VERSION_AT, "format version " + FormatVersion.CURRENT, "version " + version);
  }

  private static int crc(MemorySegment block) {
    return Checksums.crc32c(MAGIC, block, ID_AT, FormatVersion.BLOCK_BYTES - ID_AT);
  }

  /**
   * Reads a block that verifies.
   *
   * @param block the file's first block
   * @return what it says
   */
  public static FileHeader read(MemorySegment block) {
    return new FileHeader(
        block.get(U64, ID_AT),
        block.get(U64, EXTENT_BYTES_AT),
        block.get(U32, EXTENT_COUNT_AT),
        block.get(U64, CAPACITY_AT));
  }

  /**
   * Writes a block.
   *
   * @param block filled whole
   * @param header what it is to say
   */
  public static void write(MemorySegment block, FileHeader header) {
    block.asSlice(0, FormatVersion.BLOCK_BYTES).fill((byte) 0);
    block.set(U64, MAGIC_AT, MAGIC);
    block.set(U32, VERSION_AT, FormatVersion.CURRENT);
    block.set(U64, ID_AT, header.fileId());
    block.set(U64, EXTENT_BYTES_AT, header.extentBytes());
    block.set(U32, EXTENT_COUNT_AT, header.extentCount());
    block.set(U64, CAPACITY_AT, header.capacityBytes());
    block.set(U32, CRC_AT, crc(block));
  }
}
