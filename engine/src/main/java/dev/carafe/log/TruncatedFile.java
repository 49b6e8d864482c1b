package dev.carafe.log;

import dev.carafe.DamagedFileException;
import dev.carafe.log.format.ExtentHeaderLayout;
import dev.carafe.log.format.ExtentHeaderLayout.ExtentHeader;
import dev.carafe.log.format.FormatVersion;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;

/**
 * What is left of a file that is shorter than its extents are. No crash makes a file shorter: its
 * length is synced before it holds anything. So what is gone is damage, and must be taken for
 * extents that were certain: they may have overwritten or removed what stands before them (R1, R2).
 */
final class TruncatedFile {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private final LogFile file;
  private final Geometry geometry;
  private final long fileBytes;

  /**
   * Takes the length of a file.
   *
   * @param file as it was found, not yet changed
   */
  TruncatedFile(LogFile file) {
    this.file = file;
    this.geometry = file.geometry();
    this.fileBytes = file.device().fileBytes();
  }

  static long expectedBytes(Geometry geometry) {
    return geometry.extentOffset(geometry.extentCount());
  }

  /** Refuses a file that is cut. */
  void throwIfTruncated() {
    if (isTruncated()) {
      throw new DamagedFileException(
          file.path(),
          fileBytes,
          "a file of " + expectedBytes(geometry) + " bytes",
          "a length of " + fileBytes + " bytes: it was cut");
    }
  }

  boolean isTruncated() {
    return fileBytes < expectedBytes(geometry);
  }

  /** Whether an extent's header is not gone. */
  boolean hasHeader(int slot) {
    return geometry.extentOffset(slot) + FormatVersion.BLOCK_BYTES <= fileBytes;
  }

  /** Whether nothing of an extent is gone. */
  boolean hasExtent(int slot) {
    return geometry.extentOffset(slot) + geometry.extentBytes() <= fileBytes;
  }

  /** The newest extent that may have lost something, 0 if there is none. */
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
   * Gives the file its length again. Before that, the newest extent's header says durably that what
   * is missing was synced, so that each later recovery takes it for damage, too.
   *
   * @param headers of the extents that are left; the newest is changed
   * @param scratch a block or more, overwritten
   */
  void repair(ExtentHeaders headers, MemorySegment scratch) {
    long newest = headers.newest();
    LOG.log(
        Level.WARNING,
        file.path()
            + " was cut to "
            + fileBytes
            + " of "
            + expectedBytes(geometry)
            + " bytes; what can't be known to be current is given up");
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
