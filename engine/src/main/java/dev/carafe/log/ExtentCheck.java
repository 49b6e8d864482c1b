package dev.carafe.log;

import dev.carafe.log.format.ExtentHeaderLayout;
import dev.carafe.log.format.ExtentHeaderLayout.ExtentHeader;
import java.lang.foreign.MemorySegment;

/** Checks the extent that a copy has read into memory. */
final class ExtentCheck {
  private final LogFile file;
  private final MemorySegment extent;
  private final ExtentScanner scanner = new ExtentScanner();

  /**
   * Prepares checks.
   *
   * @param file the file, or a copy of it
   * @param extent the memory of the extent
   */
  ExtentCheck(LogFile file, MemorySegment extent) {
    this.file = file;
    this.extent = extent;
  }

  MemorySegment extent() {
    return extent;
  }

  boolean hasHeader(long sequence, long salt) {
    ExtentHeader found = ExtentHeaderLayout.read(extent, file.fileId());
    return found != null && found.sequence() == sequence && found.salt() == salt;
  }

  /** Scans the records. Returns whether the extent is sealed, and all of it verifies. */
  boolean isWhole(long sequence, long salt) {
    scanner.scan(extent, file, salt);
    SealedExtent sealed = SealedExtent.in(extent, file, sequence, salt);
    return sealed != null && sealed.isWhole(scanner) && hasHeader(sequence, salt);
  }

  /** The end offset of the last record that verifies, after {@link #isWhole}. */
  long endOffset() {
    return scanner.endOffset();
  }
}
