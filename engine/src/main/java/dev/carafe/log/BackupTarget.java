package dev.carafe.log;

import dev.carafe.DamagedFileException;
import dev.carafe.log.format.FormatVersion;
import java.lang.foreign.MemorySegment;

/** The new file of a {@link LogBackup}, and the extents that were copied to it. */
final class BackupTarget {
  private final LogFile file;
  private final Geometry geometry;
  private final ExtentCheck check;
  private final MemorySegment extent;
  private final MemorySegment zeros;

  /** By slot: the sequence and the salt of the extent that is there, 0 if the slot is a hole. */
  private final long[] written;

  private final long[] salts;
  private final boolean[] whole;
  private long unfinishedEnd;

  /**
   * Sets the length of the file. It is a hole as long as nothing is written.
   *
   * @param file an empty file
   * @param check of the memory that extents are written from, and read into
   * @param zeros a block of zeros
   */
  BackupTarget(LogFile file, ExtentCheck check, MemorySegment zeros) {
    this.file = file;
    this.geometry = file.geometry();
    this.check = check;
    this.extent = check.extent();
    this.zeros = zeros;
    this.written = new long[geometry.extentCount()];
    this.salts = new long[geometry.extentCount()];
    this.whole = new boolean[geometry.extentCount()];
    file.device().setFileBytes(TruncatedFile.expectedBytes(geometry));
  }

  /** Whether all of an extent was copied. An unfinished extent is copied in each pass. */
  boolean has(long sequence, long salt) {
    int slot = geometry.slotOf(sequence);
    return whole[slot] && written[slot] == sequence && salts[slot] == salt;
  }

  /**
   * Writes the extent in memory, which was checked last.
   *
   * @param isWhole false if it is the newest extent, and unfinished
   */
  void write(long sequence, long salt, boolean isWhole) {
    int slot = geometry.slotOf(sequence);
    if (written[slot] == 0) {
      writeWithHoles(geometry.extentOffset(slot));
    } else {
      file.writeOrThrow(extent, geometry.extentOffset(slot));
    }
    written[slot] = sequence;
    salts[slot] = salt;
    whole[slot] = isWhole;
    unfinishedEnd = check.endOffset();
  }

  /** Leaves blocks of zeros as holes. */
  private void writeWithHoles(long at) {
    long from = 0;
    while (from < extent.byteSize()) {
      long to = from;
      while (to < extent.byteSize() && !isZero(to)) {
        to += FormatVersion.BLOCK_BYTES;
      }
      if (to > from) {
        file.writeOrThrow(extent.asSlice(from, to - from), at + from);
      }
      from = to + FormatVersion.BLOCK_BYTES;
    }
  }

  private boolean isZero(long block) {
    long end = block + FormatVersion.BLOCK_BYTES;
    return MemorySegment.mismatch(extent, block, end, zeros, 0, FormatVersion.BLOCK_BYTES) < 0;
  }

  /**
   * Excludes the extents that left the log, writes the file header, syncs, and verifies the file.
   *
   * @param first the sequence of the log's first extent
   * @param last the sequence of the log's last extent
   * @param header the file header
   * @throws DamagedFileException if the file does not have the bytes that were written
   */
  void finish(long first, long last, MemorySegment header) {
    for (long sequence : written) {
      if (sequence != 0 && (sequence < first || sequence > last)) {
        file.wipeOrThrow(sequence, extent);
      }
    }
    file.writeOrThrow(header, 0);
    file.syncOrThrow();
    for (long sequence = first; sequence <= last; sequence++) {
      verify(sequence);
    }
    MemorySegment block = extent.asSlice(0, FormatVersion.BLOCK_BYTES);
    file.readOrThrow(block, 0);
    requireVerified(block.mismatch(header) < 0, 0);
  }

  private void verify(long sequence) {
    int slot = geometry.slotOf(sequence);
    long at = geometry.extentOffset(slot);
    file.readOrThrow(extent, at);
    boolean isWhole = check.isWhole(sequence, salts[slot]);
    boolean hasRecords = whole[slot] || check.endOffset() == unfinishedEnd;
    requireVerified(
        isWhole == whole[slot] && hasRecords && check.hasHeader(sequence, salts[slot]), at);
  }

  private void requireVerified(boolean verified, long offset) {
    if (!verified) {
      throw new DamagedFileException(
          file.path(),
          offset,
          "the bytes that were copied",
          "others; the copy is discarded; check this disk");
    }
  }
}
