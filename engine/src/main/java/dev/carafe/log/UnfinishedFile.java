package dev.carafe.log;

import dev.carafe.device.IoResult;
import dev.carafe.log.format.FileHeaderLayout;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.Mismatch;
import java.lang.foreign.MemorySegment;

/**
 * Recognizes a file whose creation by {@link LogFiles#create} was interrupted. It has a length that
 * no other file has, and holds zeros except for a header that is whole, torn or missing. It holds
 * no data, so the log is created again (contract F7). Any other file of zeros is foreign (contract
 * D4).
 */
final class UnfinishedFile {
  private UnfinishedFile() {}

  /**
   * Whether the creation of a file was interrupted.
   *
   * @param file before recovery changes it
   * @param buffer aligned memory for one block or more, overwritten
   * @return false for every file that may hold data
   * @throws dev.carafe.DeviceException if a read fails
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
