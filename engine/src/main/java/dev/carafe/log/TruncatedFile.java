package dev.carafe.log;

import dev.carafe.DamagedFileException;
import dev.carafe.log.format.ExtentHeaderLayout;
import dev.carafe.log.format.ExtentHeaderLayout.ExtentHeader;
import dev.carafe.log.format.FormatVersion;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;

/**
 * Checks whether a file is shorter than its extents. A crash does not shorten a file, since its
 * length is synced before the first record is written. Missing bytes are therefore damage. Recovery
 * treats missing extents as synced ones, because their records may have overwritten or removed
 * older records (R1, R2).
 */
final class TruncatedFile {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private final LogFile file;
  private final Geometry geometry;
  private final long fileBytes;

  /**
   * Reads the length of the file.
   *
   * @param file before recovery changes it
   */
  TruncatedFile(LogFile file) {
    this.file = file;
    this.geometry = file.geometry();
    this.fileBytes = file.device().fileBytes();
  }

  static long expectedBytes(Geometry geometry) {
    return geometry.extentOffset(geometry.slotCount());
  }

  /** Throws if the file is truncated. */
  void throwIfTruncated() {
    if (isTruncated()) {
      throw new DamagedFileException(
          file.path(),
          fileBytes,
          "a file of " + expectedBytes(geometry) + " bytes",
          "a length of " + fileBytes + " bytes: the file was truncated");
    }
  }

  boolean isTruncated() {
    return fileBytes < expectedBytes(geometry);
  }

  /** Whether the file contains the header of an extent. */
  boolean hasHeader(int slot) {
    return geometry.extentOffset(slot) + FormatVersion.BLOCK_BYTES <= fileBytes;
  }

  /** Whether the file contains all bytes of an extent. */
  boolean hasExtent(int slot) {
    return geometry.extentOffset(slot) + geometry.extentBytes() <= fileBytes;
  }

  /** The newest extent that may have lost bytes, 0 if there is none. */
  private long newestMissing(long newest) {
    if (!hasHeader(geometry.slotOf(newest + 1))) {
      return newest + 1;
    }
    long oldestPossible = file.oldestPossible(newest);
    for (long sequence = newest; sequence >= oldestPossible; sequence--) {
      if (!hasExtent(geometry.slotOf(sequence))) {
        return sequence;
      }
    }
    return 0;
  }

  /**
   * Restores the length of the file. Before that, the newest extent's header durably marks the
   * missing extents as synced, so that later recoveries also treat them as damage.
   *
   * @param headers of the remaining extents; the newest is changed
   * @param scratch a block or more, overwritten
   */
  void repair(ExtentHeaders headers, MemorySegment scratch) {
    long newest = headers.newest();
    LOG.log(
        Level.WARNING,
        file.path()
            + " was truncated to "
            + fileBytes
            + " of "
            + expectedBytes(geometry)
            + " bytes; records that may be stale are dropped");
    long missing = newest == 0 ? 0 : newestMissing(newest);
    int slot = headers.newestSlot();
    ExtentHeader header = headers.markSynced(slot, missing);
    if (header != null) {
      MemorySegment block = scratch.asSlice(0, FormatVersion.BLOCK_BYTES);
      ExtentHeaderLayout.write(block, file.fileId(), header);
      file.writeOrThrow(block, geometry.extentOffset(slot));
      file.syncOrThrow();
    }
    file.device().setFileBytes(expectedBytes(geometry));
  }
}
