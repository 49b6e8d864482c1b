package dev.carafe.log.format;

import static dev.carafe.log.format.Fields.U32;
import static dev.carafe.log.format.Fields.U64;

import dev.carafe.base.Bits;
import dev.carafe.base.Checksums;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a sealed extent, at its end: an entry for each record, and a trailer in the last
 * 64 bytes. Recovery reads it instead of the records.
 *
 * <pre>
 *   entry:    0       8                       16     20
 *             hash    kind|length/8|offset/8  check  cache
 *
 *   trailer:  0      8       16        24     28      32
 *             magic  fileId  sequence  count  crc32c  latest salt … zero
 * </pre>
 *
 * <p>Entries begin at a block boundary, so that writing them does not rewrite records.
 */
public final class DirectoryLayout {
  /** {@code SEALED\r\n} in file order. */
  public static final long MAGIC = 0x0A0D_4445_4C41_4553L;

  /** The layout of an entry. */
  public static final StructLayout ENTRY =
      Fields.ofBytes(
          24,
          U64.withName("hash"),
          U64.withName("location"),
          U32.withName("check"),
          U32.withName("cache"));

  /** The layout of the trailer. */
  public static final StructLayout TRAILER =
      Fields.ofBytes(
          64,
          U64.withName("magic"),
          U64.withName("fileId"),
          U64.withName("sequence"),
          U32.withName("count"),
          U32.withName("crc32c"),
          U64.withName("latestExpiryNanos"),
          U64.withName("salt"),
          U64.withName("zero0"),
          U64.withName("zero1"));

  private static final long CHECK_AT = Fields.offset(ENTRY, "check");
  private static final long CACHE_AT = Fields.offset(ENTRY, "cache");
  private static final long MAGIC_AT = Fields.offset(TRAILER, "magic");
  private static final long ID_AT = Fields.offset(TRAILER, "fileId");
  private static final long SEQUENCE_AT = Fields.offset(TRAILER, "sequence");
  private static final long COUNT_AT = Fields.offset(TRAILER, "count");
  private static final long CRC_AT = Fields.offset(TRAILER, "crc32c");
  private static final long LATEST_AT = Fields.offset(TRAILER, "latestExpiryNanos");
  private static final long SALT_AT = Fields.offset(TRAILER, "salt");
  private static final int ENTRIES_AT_ONCE = 1024;
  private static final int UNIT_BITS = 24;
  private static final long UNIT_MASK = (1L << UNIT_BITS) - 1;

  private DirectoryLayout() {}

  /**
   * The content of a trailer.
   *
   * @param sequence of the extent
   * @param count the number of records
   * @param latestExpiryNanos the expiry time of the value that expires last
   * @param salt of the extent header
   */
  public record Trailer(long sequence, int count, long latestExpiryNanos, long salt) {}

  /**
   * The offset of the entries.
   *
   * @param extentBytes the length of the extent
   * @param count the number of entries
   * @return bytes from the extent's start
   */
  public static long startOf(long extentBytes, int count) {
    long bytes = TRAILER.byteSize() + count * ENTRY.byteSize();
    return Bits.roundDown(extentBytes - bytes, FormatVersion.BLOCK_BYTES);
  }

  /**
   * Packs the kind, the length and the offset of a record.
   *
   * @param kind of the record
   * @param offset of the record in its extent, a multiple of 8
   * @param recordBytes the length of the record, a multiple of 8
   * @return the entry's second word
   */
  public static long location(byte kind, long offset, long recordBytes) {
    return ((long) kind << (2 * UNIT_BITS)) | ((recordBytes / 8) << UNIT_BITS) | (offset / 8);
  }

  /**
   * The kind in an entry's second word.
   *
   * @param location the word
   * @return the record's kind
   */
  public static byte kind(long location) {
    return (byte) (location >>> (2 * UNIT_BITS));
  }

  /**
   * The offset in an entry's second word.
   *
   * @param location the word
   * @return bytes from the extent's start
   */
  public static long offset(long location) {
    return (location & UNIT_MASK) * 8;
  }

  /**
   * The length in an entry's second word.
   *
   * @param location the word
   * @return bytes
   */
  public static long recordBytes(long location) {
    return (location >>> UNIT_BITS & UNIT_MASK) * 8;
  }

  /**
   * Whether an entry's second word can name a record of its extent, or is a CLEAR that recovery
   * wrote without a record.
   *
   * @param location the word
   * @param extentBytes the length of the extent
   * @return false if the record must not be read
   */
  public static boolean isPossible(long location, long extentBytes) {
    if (location == location(RecordLayout.CLEAR, 0, 0)) {
      return true;
    }
    return kind(location) >= RecordLayout.VALUE
        && kind(location) <= RecordLayout.CLOCK_LEAD
        && kind(location) != RecordLayout.PADDING
        && location >>> (2 * UNIT_BITS) == kind(location)
        && offset(location) >= FormatVersion.BLOCK_BYTES
        && recordBytes(location) >= RecordLayout.HEADER_BYTES
        && offset(location) + recordBytes(location) <= extentBytes;
  }

  /**
   * Whether all entries name possible records.
   *
   * @param entries the memory from the first entry on
   * @param count the number of entries
   * @param extentBytes the length of the extent
   * @return false if the directory does not belong to an extent of this length
   */
  public static boolean isPossible(MemorySegment entries, int count, long extentBytes) {
    int words = (int) (ENTRY.byteSize() / Long.BYTES);
    long[] copy = new long[words * Math.min(count, ENTRIES_AT_ONCE)];
    for (int from = 0; from < count; from += ENTRIES_AT_ONCE) {
      int copied = words * Math.min(count - from, ENTRIES_AT_ONCE);
      MemorySegment.copy(entries, U64, from * ENTRY.byteSize(), copy, 0, copied);
      for (int locationAt = 1; locationAt < copied; locationAt += words) {
        int cache = (int) (copy[locationAt + 1] >>> Integer.SIZE);
        if (!isPossible(copy[locationAt], extentBytes) || !CacheNumber.isPossible(cache)) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Reads an entry's hash.
   *
   * @param entries the memory from the first entry on
   * @param index of the entry
   * @return the key's hash; of a TAIL record the sequence is its first word
   */
  public static KeyHash hashAt(MemorySegment entries, int index) {
    return new KeyHash(firstAt(entries, index), checkAt(entries, index), cacheAt(entries, index));
  }

  /**
   * Reads the first word of an entry's hash.
   *
   * @param entries the memory from the first entry on
   * @param index of the entry
   * @return of the key's hash; of a TAIL record the sequence
   */
  public static long firstAt(MemorySegment entries, int index) {
    return entries.get(U64, index * ENTRY.byteSize());
  }

  /**
   * Reads the check of an entry's hash.
   *
   * @param entries the memory from the first entry on
   * @param index of the entry
   * @return of the key's hash
   */
  public static int checkAt(MemorySegment entries, int index) {
    return entries.get(U32, index * ENTRY.byteSize() + CHECK_AT);
  }

  private static int cacheAt(MemorySegment entries, int index) {
    return entries.get(U32, index * ENTRY.byteSize() + CACHE_AT);
  }

  /**
   * Reads an entry's second word.
   *
   * @param entries the memory from the first entry on
   * @param index of the entry
   * @return the word, to be unpacked by this class
   */
  public static long locationAt(MemorySegment entries, int index) {
    return entries.get(U64, index * ENTRY.byteSize() + Long.BYTES);
  }

  /**
   * Reads a trailer. It does not verify the directory.
   *
   * @param block the extent's last block
   * @param fileId of this file
   * @param extentBytes the length of the extent
   * @return its content, or null if there is no trailer of this file
   */
  public static @Nullable Trailer readTrailer(MemorySegment block, long fileId, long extentBytes) {
    long at = block.byteSize() - TRAILER.byteSize();
    int count = block.get(U32, at + COUNT_AT);
    boolean valid =
        block.get(U64, at + MAGIC_AT) == MAGIC
            && block.get(U64, at + ID_AT) == fileId
            && ExtentHeaderLayout.isPossible(block.get(U64, at + SEQUENCE_AT))
            && count >= 0
            && startOf(extentBytes, count) >= FormatVersion.BLOCK_BYTES;
    return valid
        ? new Trailer(
            block.get(U64, at + SEQUENCE_AT),
            count,
            block.get(U64, at + LATEST_AT),
            block.get(U64, at + SALT_AT))
        : null;
  }

  /**
   * Whether the checksum of entries and trailer matches.
   *
   * @param directory from the start of the entries to the extent's end
   * @param fileId of this file
   * @return false if any byte was changed
   */
  public static boolean verifies(MemorySegment directory, long fileId) {
    long at = directory.byteSize() - TRAILER.byteSize();
    return directory.get(U32, at + CRC_AT) == crc(directory, fileId);
  }

  /**
   * Describes damage of entries and trailer.
   *
   * @param directory from the start of the entries to the extent's end
   * @param fileId of this file
   * @return null if they verify
   */
  public static @Nullable Mismatch mismatch(MemorySegment directory, long fileId) {
    int stored = directory.get(U32, directory.byteSize() - TRAILER.byteSize() + CRC_AT);
    return Mismatch.ofChecksum(0, "a directory", stored, crc(directory, fileId));
  }

  private static int crc(MemorySegment directory, long fileId) {
    long crcAt = directory.byteSize() - TRAILER.byteSize() + CRC_AT;
    int before = Checksums.crc32c(fileId, directory, 0, crcAt);
    return Checksums.crc32c(before, directory, crcAt + 4, directory.byteSize() - crcAt - 4);
  }

  /**
   * Writes entries and trailer.
   *
   * @param extent the whole extent, whose end is filled
   * @param fileId of this file
   * @param trailer its content
   * @param entries the hash and the packed word of each record, in their order
   */
  public static void write(MemorySegment extent, long fileId, Trailer trailer, KeyHashes entries) {
    long start = startOf(extent.byteSize(), trailer.count());
    MemorySegment directory = extent.asSlice(start);
    directory.fill((byte) 0);
    for (int i = 0; i < trailer.count(); i++) {
      long entryAt = i * ENTRY.byteSize();
      directory.set(U64, entryAt, entries.first(i));
      directory.set(U64, entryAt + Long.BYTES, entries.word(i));
      directory.set(U32, entryAt + CHECK_AT, entries.check(i));
      directory.set(U32, entryAt + CACHE_AT, entries.cache(i));
    }
    long at = directory.byteSize() - TRAILER.byteSize();
    directory.set(U64, at + MAGIC_AT, MAGIC);
    directory.set(U64, at + ID_AT, fileId);
    directory.set(U64, at + SEQUENCE_AT, trailer.sequence());
    directory.set(U32, at + COUNT_AT, trailer.count());
    directory.set(U64, at + LATEST_AT, trailer.latestExpiryNanos());
    directory.set(U64, at + SALT_AT, trailer.salt());
    directory.set(U32, at + CRC_AT, crc(directory, fileId));
  }
}
