package dev.carafe.log.format;

import static dev.carafe.log.format.Fields.U32;
import static dev.carafe.log.format.Fields.U64;
import static dev.carafe.log.format.Fields.U8;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.carafe.base.Checksums;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import org.jspecify.annotations.Nullable;

/**
 * The first block of the file.
 *
 * <pre>
 *   0      8        12      16      24           32           36    40             48          56
 *   magic  version  crc32c  fileId  extentBytes  extentCount  zero  capacityBytes  hashSecret0 hashSecret1
 *
 *   64                 68                   72               76     512             1536              2560
 *   keyCodecNameBytes  valueCodecNameBytes  codecNamesCrc32c zero…  keyCodecName    valueCodecName    zeros
 * </pre>
 *
 * <p>All but the names stands in the first 512 bytes, which a disk writes whole or not at all: so
 * the geometry can be changed in place. The names are written once and have a checksum of their
 * own, which the first part covers.
 */
public final class FileHeaderLayout {
  /** {@code CARAFE\r\n} in the order of the file. */
  public static final long MAGIC = 0x0A0D_4546_4152_4143L;

  /** The longest name of a codec, in bytes of UTF-8. */
  public static final int MAX_CODEC_NAME_BYTES = 1024;

  /** What a disk writes whole or not at all. */
  private static final int SECTOR_BYTES = 512;

  /** The struct; the rest of its block is zero. */
  public static final StructLayout LAYOUT =
      Fields.ofBytes(
          2560,
          U64.withName("magic"),
          U32.withName("version"),
          U32.withName("crc32c"),
          U64.withName("fileId"),
          U64.withName("extentBytes"),
          U32.withName("extentCount"),
          U32.withName("zero0"),
          U64.withName("capacityBytes"),
          U64.withName("hashSecret0"),
          U64.withName("hashSecret1"),
          U32.withName("keyCodecNameBytes"),
          U32.withName("valueCodecNameBytes"),
          U32.withName("codecNamesCrc32c"),
          Fields.bytes(436).withName("zero1"),
          Fields.bytes(MAX_CODEC_NAME_BYTES).withName("keyCodecName"),
          Fields.bytes(MAX_CODEC_NAME_BYTES).withName("valueCodecName"));

  private static final long MAGIC_AT = Fields.offset(LAYOUT, "magic");
  private static final long VERSION_AT = Fields.offset(LAYOUT, "version");
  private static final long CRC_AT = Fields.offset(LAYOUT, "crc32c");
  private static final long ID_AT = Fields.offset(LAYOUT, "fileId");
  private static final long EXTENT_BYTES_AT = Fields.offset(LAYOUT, "extentBytes");
  private static final long EXTENT_COUNT_AT = Fields.offset(LAYOUT, "extentCount");
  private static final long CAPACITY_AT = Fields.offset(LAYOUT, "capacityBytes");
  private static final long SECRET_0_AT = Fields.offset(LAYOUT, "hashSecret0");
  private static final long SECRET_1_AT = Fields.offset(LAYOUT, "hashSecret1");
  private static final long KEY_NAME_BYTES_AT = Fields.offset(LAYOUT, "keyCodecNameBytes");
  private static final long VALUE_NAME_BYTES_AT = Fields.offset(LAYOUT, "valueCodecNameBytes");
  private static final long NAMES_CRC_AT = Fields.offset(LAYOUT, "codecNamesCrc32c");
  private static final long KEY_NAME_AT = Fields.offset(LAYOUT, "keyCodecName");
  private static final long VALUE_NAME_AT = Fields.offset(LAYOUT, "valueCodecName");

  private FileHeaderLayout() {}

  /**
   * What a file header says.
   *
   * @param fileId random; salts the checksums of extent headers and directories
   * @param hashSecret random; the key of the hash of keys
   * @param extentBytes how long each extent is
   * @param extentCount how many there are
   * @param capacityBytes what the file was opened with
   * @param codecs how keys and values are encoded
   */
  public record FileHeader(
      long fileId,
      HashSecret hashSecret,
      long extentBytes,
      int extentCount,
      long capacityBytes,
      CodecNames codecs) {

    /**
     * The same file with another capacity.
     *
     * @param newExtentCount how many extents there are then
     * @param newCapacityBytes what the file is opened with
     * @return a changed header
     */
    public FileHeader resized(int newExtentCount, long newCapacityBytes) {
      return new FileHeader(
          fileId, hashSecret, extentBytes, newExtentCount, newCapacityBytes, codecs);
    }
  }

  /**
   * 128 random bits, drawn when the file is created and kept from the application and from logs.
   *
   * @param first 64 bits
   * @param second 64 bits
   */
  public record HashSecret(long first, long second) {
    @Override
    public String toString() {
      return "HashSecret";
    }
  }

  /**
   * The fingerprints of the codecs (contract D7).
   *
   * @param key of the key codec
   * @param value of the value codec
   */
  public record CodecNames(String key, String value) {
    /** A file whose opener names no codecs. */
    public static final CodecNames NONE = new CodecNames("", "");

    /** Checks the lengths. */
    public CodecNames {
      requireBounded("key", key);
      requireBounded("value", value);
    }

    private static void requireBounded(String codec, String name) {
      if (name.getBytes(UTF_8).length > MAX_CODEC_NAME_BYTES) {
        throw new IllegalArgumentException(
            "the "
                + codec
                + " codec's fingerprint is "
                + name.getBytes(UTF_8).length
                + " bytes long but must be at most "
                + MAX_CODEC_NAME_BYTES
                + ": "
                + name);
      }
    }
  }

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
    return mismatch(block) == null;
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
    if (version != FormatVersion.CURRENT) {
      return new Mismatch(
          VERSION_AT, "format version " + FormatVersion.CURRENT, "version " + version);
    }
    Mismatch first = Mismatch.ofChecksum(0, "a file header", block.get(U32, CRC_AT), crc(block));
    if (first != null) {
      return first;
    }
    int stored = block.get(U32, NAMES_CRC_AT);
    Mismatch names =
        Mismatch.ofChecksum(SECTOR_BYTES, "the codecs' names", stored, namesCrc(block));
    return names != null || hasPossibleNames(block)
        ? names
        : new Mismatch(KEY_NAME_BYTES_AT, "names of possible lengths", "impossible ones");
  }

  /**
   * Whether a block is what an interrupted write of a header of the current version leaves where
   * zeros were: all of it, some of its sectors, or its first bytes.
   *
   * @param block the file's first block
   * @return true for a block whose first sector is zeros, too
   */
  public static boolean isPartOfHeader(MemorySegment block) {
    boolean versionMissing = Mismatch.ofPadding(block, VERSION_AT, SECTOR_BYTES) == null;
    if (versionMissing) {
      return beginsMagic(block);
    }
    return hasMagic(block) && version(block) == FormatVersion.CURRENT;
  }

  /** Whether the first eight bytes are the first ones of the magic, and then zeros. */
  private static boolean beginsMagic(MemorySegment block) {
    long found = block.get(U64, MAGIC_AT);
    for (int bytes = 0; bytes < Long.BYTES; bytes++) {
      long begin = MAGIC & ((1L << (bytes * Byte.SIZE)) - 1); // little-endian
      if (found == begin) {
        return true;
      }
    }
    return found == MAGIC;
  }

  private static boolean hasPossibleNames(MemorySegment block) {
    return isPossible(block.get(U32, KEY_NAME_BYTES_AT))
        && isPossible(block.get(U32, VALUE_NAME_BYTES_AT));
  }

  private static boolean isPossible(int nameBytes) {
    return nameBytes >= 0 && nameBytes <= MAX_CODEC_NAME_BYTES;
  }

  private static int crc(MemorySegment block) {
    return Checksums.crc32c(MAGIC, block, ID_AT, SECTOR_BYTES - ID_AT);
  }

  private static int namesCrc(MemorySegment block) {
    return Checksums.crc32c(MAGIC, block, SECTOR_BYTES, FormatVersion.BLOCK_BYTES - SECTOR_BYTES);
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
        new HashSecret(block.get(U64, SECRET_0_AT), block.get(U64, SECRET_1_AT)),
        block.get(U64, EXTENT_BYTES_AT),
        block.get(U32, EXTENT_COUNT_AT),
        block.get(U64, CAPACITY_AT),
        new CodecNames(
            name(block, KEY_NAME_AT, block.get(U32, KEY_NAME_BYTES_AT)),
            name(block, VALUE_NAME_AT, block.get(U32, VALUE_NAME_BYTES_AT))));
  }

  private static String name(MemorySegment block, long at, int bytes) {
    return new String(block.asSlice(at, bytes).toArray(U8), UTF_8);
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
    block.set(U64, SECRET_0_AT, header.hashSecret().first());
    block.set(U64, SECRET_1_AT, header.hashSecret().second());
    block.set(U32, KEY_NAME_BYTES_AT, setName(block, KEY_NAME_AT, header.codecs().key()));
    block.set(U32, VALUE_NAME_BYTES_AT, setName(block, VALUE_NAME_AT, header.codecs().value()));
    block.set(U32, NAMES_CRC_AT, namesCrc(block));
    block.set(U32, CRC_AT, crc(block));
  }

  private static int setName(MemorySegment block, long at, String name) {
    byte[] bytes = name.getBytes(UTF_8);
    MemorySegment.copy(bytes, 0, block, U8, at, bytes.length);
    return bytes.length;
  }
}
