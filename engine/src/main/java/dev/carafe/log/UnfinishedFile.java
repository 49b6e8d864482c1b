package dev.carafe.log;

import dev.carafe.device.IoResult;
import dev.carafe.log.format.FileHeaderLayout;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.Mismatch;
import java.lang.foreign.MemorySegment;

/**
 * Recognizes a file that {@link LogFiles#create} was filling in place when it was interrupted: it
 * has the length that only such a file has, and holds zeros but for a header that is whole, torn or
 * missing. There is nothing in it to lose, so it is created anew (contract F7). Any other file of
 * zeros is foreign (contract D4).
 */
final class UnfinishedFile {
  private UnfinishedFile() {}

  /**
   * Whether a file is one.
   *
   * @param file as it was found
   * @param buffer aligned memory for one block or more, overwritten
   * @return false for every file that may hold something
   * @throws dev.carafe.DeviceException if it can't be read
   */
  static boolean matches(LogFile file, MemorySegment buffer) {
    if (file.device().fileBytes() != LogFiles.UNFINISHED_BYTES) {
      return false;
    }
    MemorySegment block = buffer.asSlice(0, FormatVersion.BLOCK_BYTES);
    file.readOrThrow(block, 0);
    if (!FileHeaderLayout.isPartOfHeader(block)) {
      return false;
    }
    for (long at = block.byteSize(); at < LogFiles.UNFINISHED_BYTES; at += block.byteSize()) {
      IoResult read = file.read(block.fill((byte) 0), at);
      boolean atEnd = at + block.byteSize() > LogFiles.UNFINISHED_BYTES;
      if (!(atEnd && read instanceof IoResult.Short)) {
        LogFile.orThrow("read", file.path(), read);
      }
      if (Mismatch.ofPadding(block, 0, block.byteSize()) != null) {
        return false;
      }
    }
    return true;
  }
}
