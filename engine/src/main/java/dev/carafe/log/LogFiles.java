package dev.carafe.log;

import dev.carafe.FileFormatException;
import dev.carafe.FileOptions;
import dev.carafe.device.Device;
import dev.carafe.log.format.FileHeaderLayout;
import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import dev.carafe.log.format.FileHeaderLayout.FileHeader;
import dev.carafe.log.format.FileHeaderLayout.HashSecret;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.RingHistory;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.function.LongSupplier;

/** Opens the file of a log, or creates a log in an empty file (contract D4). */
public final class LogFiles {
  private static final String REMEDY =
      "Recovery.EMPTY discards the content and creates the file anew";

  /**
   * The length of a file while a log is created in it. A foreign file of zeros is very unlikely to
   * have this length, so an interrupted creation can be recognized (contract F7, D4).
   */
  public static final long UNFINISHED_BYTES = 53_353;

  private LogFiles() {}

  /**
   * Opens the file.
   *
   * @param options the path and the recovery mode; EMPTY discards any content
   * @param codecs the codecs of keys and values; an empty name matches any codec
   * @param device holds the lock of the file
   * @param geometry the geometry of a new file of that capacity
   * @param block aligned memory for one block
   * @return the file with its present capacity; {@link Resizer} changes it
   * @throws FileFormatException if the file is foreign, of another version or of other codecs; the
   *     file is unchanged
   */
  public static LogFile open(
      FileOptions options,
      CodecNames codecs,
      Device device,
      Geometry geometry,
      MemorySegment block) {
    Path path = options.path();
    FileOptions.Recovery recovery = options.recovery();
    long bytes = device.fileBytes();
    LogFile unnamed = new LogFile(path, device, geometry, header(geometry, codecs, LogFiles::zero));
    if (bytes == 0
        || recovery == FileOptions.Recovery.EMPTY
        || UnfinishedFile.matches(unnamed, block)) {
      return create(unnamed, block);
    }
    if (bytes < FormatVersion.BLOCK_BYTES) {
      throw new FileFormatException(path, "a Carafe file", "a file of " + bytes + " bytes");
    }
    unnamed.readOrThrow(block, 0);
    FileHeader header = checkedHeader(path, block);
    Geometry found = Geometry.of(header);
    if (found == null) {
      throw new FileFormatException(
          path,
          "a possible length and number of extents",
          header.extentCount() + " extents of " + header.extentBytes() + " bytes; " + REMEDY);
    }
    requireSameCodec(path, "key", codecs.key(), header.codecs().key());
    requireSameCodec(path, "value", codecs.value(), header.codecs().value());
    LogFile file = with(unnamed, found, header);
    if (recovery == FileOptions.Recovery.STRICT) {
      new TruncatedFile(file).throwIfTruncated();
    }
    return file;
  }

  private static void requireSameCodec(Path path, String codec, String expected, String found) {
    if (!expected.isEmpty() && !expected.equals(found)) {
      throw new FileFormatException(
          path,
          "a file of the " + codec + " codec " + expected,
          "one of " + (found.isEmpty() ? "an unnamed codec" : found) + "; " + REMEDY);
    }
  }

  /** A header with a new identity. An existing file needs none, and no source of random bits. */
  private static FileHeader newHeader(Geometry geometry, CodecNames codecs) {
    return header(geometry, codecs, new SecureRandom()::nextLong);
  }

  private static long zero() {
    return 0;
  }

  private static FileHeader header(Geometry geometry, CodecNames codecs, LongSupplier bits) {
    return new FileHeader(
        bits.getAsLong(),
        new HashSecret(bits.getAsLong(), bits.getAsLong()),
        geometry.extentBytes(),
        RingHistory.of(geometry.extentCount()),
        geometry.capacityBytes(),
        codecs);
  }

  static LogFile with(LogFile file, Geometry geometry, FileHeader header) {
    return new LogFile(
        file.path(),
        file.device(),
        geometry,
        header,
        file.bytesRead(),
        file.bytesWritten(),
        file.valuesBuffered());
  }

  /**
   * Writes the file header again if another program truncated it while the file was open. The
   * caller syncs.
   *
   * @param file the open file
   * @param scratch aligned memory for one block, overwritten
   */
  public static void restoreHeader(LogFile file, MemorySegment scratch) {
    MemorySegment block = scratch.asSlice(0, FormatVersion.BLOCK_BYTES);
    boolean whole = file.read(block, 0).isDone() && FileHeaderLayout.verifies(block);
    if (!whole) {
      writeHeader(file, file.header(), block);
    }
  }

  /**
   * Whether the file was truncated while it was open, and is still too short.
   *
   * @param file the open file
   * @return true if {@link #restoreLength} must be called
   */
  public static boolean isShort(LogFile file) {
    return new TruncatedFile(file).isTruncated();
  }

  /**
   * Restores the length of a file that was truncated while it was open. Its headers must mark the
   * synced extents before, so that the next opening treats the missing bytes as damage.
   *
   * @param file the open file
   */
  public static void restoreLength(LogFile file) {
    file.device().setFileBytes(TruncatedFile.expectedBytes(file.geometry()));
  }

  /** Writes the file header. The caller syncs. */
  static void writeHeader(LogFile file, FileHeader header, MemorySegment scratch) {
    MemorySegment block = scratch.asSlice(0, FormatVersion.BLOCK_BYTES);
    FileHeaderLayout.write(block, header);
    file.writeOrThrow(block, 0);
  }

  private static FileHeader checkedHeader(Path path, MemorySegment block) {
    if (!FileHeaderLayout.hasMagic(block)) {
      throw new FileFormatException(
          path,
          "a Carafe file",
          "a file without the magic bytes of one; the file is unchanged; use another path");
    }
    int version = FileHeaderLayout.version(block);
    if (version != FormatVersion.CURRENT) {
      throw new FileFormatException(
          path,
          "format version " + FormatVersion.CURRENT,
          FileHeaderLayout.describeVersion(version));
    }
    if (!FileHeaderLayout.verifies(block)) {
      throw new FileFormatException(
          path, "a file header that verifies", "a damaged one; " + REMEDY);
    }
    return FileHeaderLayout.read(block);
  }

  /**
   * Creates an empty log with a new identity. No earlier content of the file can return.
   *
   * @param file the file, with the geometry of a new one
   * @param block aligned memory for one block
   * @return the new file
   */
  static LogFile create(LogFile file, MemorySegment block) {
    Geometry geometry = file.geometry();
    file.device().setFileBytes(0);
    file.device().setFileBytes(UNFINISHED_BYTES);
    LogFile fresh = with(file, geometry, newHeader(geometry, file.header().codecs()));
    writeHeader(fresh, fresh.header(), block);
    fresh.syncOrThrow();
    file.device().setFileBytes(TruncatedFile.expectedBytes(geometry));
    fresh.syncOrThrow();
    file.device().publish();
    return fresh;
  }
}
