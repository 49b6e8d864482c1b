package dev.carafe.log.format;

import static dev.carafe.log.format.Fields.U32;
import static dev.carafe.log.format.Fields.U64;
import static dev.carafe.log.format.Fields.U8;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.carafe.base.Checksums;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The file header, in the first block of the file.
 *
 * <pre>
 *   0      8        12      16      24           32           36         40             48          56
 *   magic  version  crc32c  fileId  extentBytes  extentCount  ringCount  capacityBytes  hashSecret0 hashSecret1
 *
 *   64                 68                   72               76    80             88     504
 *   keyCodecNameBytes  valueCodecNameBytes  codecNamesCrc32c zero  firstSequence  rings  zero
 *
 *   512           1536            2560
 *   keyCodecName  valueCodecName  zeros
 *
 *   ring:  0       8      12
 *          origin  slots  kept
 * </pre>
 *
 * <p>All fields except the names are in the first 512 bytes, which a disk writes atomically, so the
 * geometry can be changed in place. The names are written once. They have a checksum of their own,
 * which the first checksum covers.
 */
public final class FileHeaderLayout {
  /** {@code CARAFE\r\n} in file order. */
  public static final long MAGIC = 0x0A0D_4546_4152_4143L;

  /** The maximum length of a codec name, in bytes of UTF-8. */
  public static final int MAX_CODEC_NAME_BYTES = 1024;

  /** The maximum number of extents; a record address can't name more. */
  public static final int MAX_EXTENTS = 1 << 18;

  /** The length that a disk writes atomically. */
  private static final int SECTOR_BYTES = 512;

  /**
   * The layout of a ring. A run has its slot in {@code slots}, and its negated length in {@code
   * kept}.
   */
  public static final StructLayout RING =
      Fields.ofBytes(16, U64.withName("origin"), U32.withName("slots"), U32.withName("kept"));

  /** The layout; the rest of the block is zero. */
  public static final StructLayout LAYOUT =
      Fields.ofBytes(
          2560,
          U64.withName("magic"),
          U32.withName("version"),
          U32.withName("crc32c"),
          U64.withName("fileId"),
          U64.withName("extentBytes"),
          U32.withName("extentCount"),
          U32.withName("ringCount"),
          U64.withName("capacityBytes"),
          U64.withName("hashSecret0"),
          U64.withName("hashSecret1"),
          U32.withName("keyCodecNameBytes"),
          U32.withName("valueCodecNameBytes"),
          U32.withName("codecNamesCrc32c"),
          U32.withName("zero0"),
          U64.withName("firstSequence"),
          Fields.bytes(RingHistory.MAX_ENTRIES * RING.byteSize()).withName("rings"),
          U64.withName("zero1"),
          Fields.bytes(MAX_CODEC_NAME_BYTES).withName("keyCodecName"),
          Fields.bytes(MAX_CODEC_NAME_BYTES).withName("valueCodecName"));

  private static final long MAGIC_AT = Fields.offset(LAYOUT, "magic");
  private static final long VERSION_AT = Fields.offset(LAYOUT, "version");
  private static final long CRC_AT = Fields.offset(LAYOUT, "crc32c");
  private static final long ID_AT = Fields.offset(LAYOUT, "fileId");
  private static final long EXTENT_BYTES_AT = Fields.offset(LAYOUT, "extentBytes");
  private static final long EXTENT_COUNT_AT = Fields.offset(LAYOUT, "extentCount");
  private static final long RING_COUNT_AT = Fields.offset(LAYOUT, "ringCount");
  private static final long CAPACITY_AT = Fields.offset(LAYOUT, "capacityBytes");
  private static final long SECRET_0_AT = Fields.offset(LAYOUT, "hashSecret0");
  private static final long SECRET_1_AT = Fields.offset(LAYOUT, "hashSecret1");
  private static final long KEY_NAME_BYTES_AT = Fields.offset(LAYOUT, "keyCodecNameBytes");
  private static final long VALUE_NAME_BYTES_AT = Fields.offset(LAYOUT, "valueCodecNameBytes");
  private static final long NAMES_CRC_AT = Fields.offset(LAYOUT, "codecNamesCrc32c");
  private static final long FIRST_SEQUENCE_AT = Fields.offset(LAYOUT, "firstSequence");
  private static final long RINGS_AT = Fields.offset(LAYOUT, "rings");
  private static final long ORIGIN_AT = Fields.offset(RING, "origin");
  private static final long SLOTS_AT = Fields.offset(RING, "slots");
  private static final long KEPT_AT = Fields.offset(RING, "kept");
  private static final long KEY_NAME_AT = Fields.offset(LAYOUT, "keyCodecName");
  private static final long VALUE_NAME_AT = Fields.offset(LAYOUT, "valueCodecName");

  private FileHeaderLayout() {}

  /**
   * The content of a file header.
   *
   * @param fileId random; salts the checksums of extent headers and directories
   * @param hashSecret random; the secret of the keyed hash
   * @param extentBytes the length of each extent
   * @param rings the number of extents and their slots
   * @param capacityBytes the capacity that the file was opened with
   * @param codecs the codecs of keys and values
   */
  public record FileHeader(
      long fileId,
      HashSecret hashSecret,
      long extentBytes,
      RingHistory rings,
      long capacityBytes,
      CodecNames codecs) {

    /**
     * Whether the keys begin with the number of their cache.
     *
     * @return false in a file of one cache
     */
    public boolean hasManyCaches() {
      return codecs.equals(CodecNames.MANY_CACHES);
    }

    /**
     * The number of extents.
     *
     * @return the slots of the present ring
     */
    public int extentCount() {
      return rings.slots();
    }

    /**
     * Returns a header with another capacity.
     *
     * @param newRings the number of extents and their slots with that capacity
     * @param newCapacityBytes the capacity that the file is opened with
     * @return the changed header
     */
    public FileHeader resized(RingHistory newRings, long newCapacityBytes) {
      return new FileHeader(fileId, hashSecret, extentBytes, newRings, newCapacityBytes, codecs);
    }
  }

  /**
   * 128 random bits, drawn when the file is created. They appear neither in the API nor in log
   * messages.
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
    /** The codecs of a file whose options name none. */
    public static final CodecNames NONE = new CodecNames("", "");

    /** The codecs of a file of many caches, which records the codecs of each cache by itself. */
    public static final CodecNames MANY_CACHES =
        new CodecNames("carafe.store.keys/1", "carafe.store.values/1");

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
   * Whether a block begins with the magic.
   *
   * @param block the file's first block
   * @return true for each version of the format
   */
  public static boolean hasMagic(MemorySegment block) {
    return block.get(U64, MAGIC_AT) == MAGIC;
  }

  /**
   * The format version of a block.
   *
   * @param block a block with the magic
   * @return the version
   */
  public static int version(MemorySegment block) {
    return block.get(U32, VERSION_AT);
  }

  /**
   * Describes a version that this engine does not read, and what to do with the file.
   *
   * @param version of a file
   * @return a phrase for a message
   */
  public static String describeVersion(int version) {
    return "version "
        + version
        + "; open the file with the Carafe version that wrote it, or delete it";
  }

  /**
   * Whether a header verifies.
   *
   * @param block the file's first block
   * @return false if it is damaged or of another version
   */
  public static boolean verifies(MemorySegment block) {
    return mismatch(block) == null;
  }

  /**
   * Describes damage of a header.
   *
   * @param block the file's first block
   * @return null if the block is a header of the current version that verifies
   */
  public static @Nullable Mismatch mismatch(MemorySegment block) {
    if (!hasMagic(block)) {
      return Mismatch.ofMagic("a Carafe file", MAGIC, block.get(U64, MAGIC_AT));
    }
    int version = version(block);
    if (version != FormatVersion.CURRENT) {
      return new Mismatch(
          VERSION_AT, "format version " + FormatVersion.CURRENT, describeVersion(version));
    }
    Mismatch first = Mismatch.ofChecksum(0, "a file header", block.get(U32, CRC_AT), crc(block));
    if (first != null) {
      return first;
    }
    int stored = block.get(U32, NAMES_CRC_AT);
    Mismatch names =
        Mismatch.ofChecksum(SECTOR_BYTES, "the codecs' names", stored, namesCrc(block));
    if (names == null && !hasPossibleNames(block)) {
      return new Mismatch(
          KEY_NAME_BYTES_AT,
          "codec names of at most " + MAX_CODEC_NAME_BYTES + " bytes",
          "longer ones");
    }
    return names != null || hasPossibleRings(block)
        ? names
        : new Mismatch(
            RING_COUNT_AT, "rings of 1 to " + MAX_EXTENTS + " slots", "impossible rings");
  }

  /**
   * Whether a block of zeros can have become this block by an interrupted write of a header of the
   * current version: all of it, some of its sectors, or its first bytes.
   *
   * @param block the file's first block
   * @return true also for a block whose first sector is zeros
   */
  public static boolean isPartOfHeader(MemorySegment block) {
    boolean versionMissing = Mismatch.ofPadding(block, VERSION_AT, SECTOR_BYTES) == null;
    if (versionMissing) {
      return isMagicPrefix(block);
    }
    return hasMagic(block) && version(block) == FormatVersion.CURRENT;
  }

  /** Whether the first eight bytes are a prefix of the magic, followed by zeros. */
  private static boolean isMagicPrefix(MemorySegment block) {
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
    return isNameLength(block.get(U32, KEY_NAME_BYTES_AT))
        && isNameLength(block.get(U32, VALUE_NAME_BYTES_AT));
  }

  private static boolean isNameLength(int nameBytes) {
    return nameBytes >= 0 && nameBytes <= MAX_CODEC_NAME_BYTES;
  }

  private static boolean hasPossibleRings(MemorySegment block) {
    int count = block.get(U32, RING_COUNT_AT);
    if (count < 1 || count > RingHistory.MAX_ENTRIES) {
      return false;
    }
    RingHistory rings = rings(block);
    return rings.isPossible() && block.get(U32, EXTENT_COUNT_AT) == rings.slots();
  }

  private static int crc(MemorySegment block) {
    return Checksums.crc32c(MAGIC, block, ID_AT, SECTOR_BYTES - ID_AT);
  }

  private static int namesCrc(MemorySegment block) {
    return Checksums.crc32c(MAGIC, block, SECTOR_BYTES, FormatVersion.BLOCK_BYTES - SECTOR_BYTES);
  }

  /**
   * Reads a header that verifies.
   *
   * @param block the file's first block
   * @return its content
   */
  public static FileHeader read(MemorySegment block) {
    return new FileHeader(
        block.get(U64, ID_AT),
        new HashSecret(block.get(U64, SECRET_0_AT), block.get(U64, SECRET_1_AT)),
        block.get(U64, EXTENT_BYTES_AT),
        rings(block),
        block.get(U64, CAPACITY_AT),
        new CodecNames(
            name(block, KEY_NAME_AT, block.get(U32, KEY_NAME_BYTES_AT)),
            name(block, VALUE_NAME_AT, block.get(U32, VALUE_NAME_BYTES_AT))));
  }

  private static RingHistory rings(MemorySegment block) {
    List<RingHistory.Run> runs = new ArrayList<>();
    List<RingHistory.Ring> rings = new ArrayList<>();
    for (int i = 0; i < block.get(U32, RING_COUNT_AT); i++) {
      long at = RINGS_AT + i * RING.byteSize();
      long origin = block.get(U64, at + ORIGIN_AT);
      int slots = block.get(U32, at + SLOTS_AT);
      int kept = block.get(U32, at + KEPT_AT);
      if (kept < 0) {
        runs.add(new RingHistory.Run(origin, slots, -kept));
      } else {
        rings.add(new RingHistory.Ring(origin, slots, kept));
      }
    }
    return new RingHistory(block.get(U64, FIRST_SEQUENCE_AT), runs, rings);
  }

  private static String name(MemorySegment block, long at, int bytes) {
    return new String(block.asSlice(at, bytes).toArray(U8), UTF_8);
  }

  /**
   * Writes a header.
   *
   * @param block receives the header and zeros
   * @param header its content
   */
  public static void write(MemorySegment block, FileHeader header) {
    block.asSlice(0, FormatVersion.BLOCK_BYTES).fill((byte) 0);
    block.set(U64, MAGIC_AT, MAGIC);
    block.set(U32, VERSION_AT, FormatVersion.CURRENT);
    block.set(U64, ID_AT, header.fileId());
    block.set(U64, EXTENT_BYTES_AT, header.extentBytes());
    block.set(U32, EXTENT_COUNT_AT, header.extentCount());
    block.set(U32, RING_COUNT_AT, header.rings().entryCount());
    block.set(U64, CAPACITY_AT, header.capacityBytes());
    block.set(U64, FIRST_SEQUENCE_AT, header.rings().firstSequence());
    setRings(block, header.rings());
    block.set(U64, SECRET_0_AT, header.hashSecret().first());
    block.set(U64, SECRET_1_AT, header.hashSecret().second());
    block.set(U32, KEY_NAME_BYTES_AT, setName(block, KEY_NAME_AT, header.codecs().key()));
    block.set(U32, VALUE_NAME_BYTES_AT, setName(block, VALUE_NAME_AT, header.codecs().value()));
    block.set(U32, NAMES_CRC_AT, namesCrc(block));
    block.set(U32, CRC_AT, crc(block));
  }

  private static void setRings(MemorySegment block, RingHistory history) {
    long at = RINGS_AT;
    for (RingHistory.Run run : history.runs()) {
      setEntry(block, at, run.origin(), run.slot(), -run.length());
      at += RING.byteSize();
    }
    for (RingHistory.Ring ring : history.rings()) {
      setEntry(block, at, ring.origin(), ring.slots(), ring.kept());
      at += RING.byteSize();
    }
  }

  private static void setEntry(MemorySegment block, long at, long origin, int slots, int kept) {
    block.set(U64, at + ORIGIN_AT, origin);
    block.set(U32, at + SLOTS_AT, slots);
    block.set(U32, at + KEPT_AT, kept);
  }

  private static int setName(MemorySegment block, long at, String name) {
    byte[] bytes = name.getBytes(UTF_8);
    MemorySegment.copy(bytes, 0, block, U8, at, bytes.length);
    return bytes.length;
  }
}
