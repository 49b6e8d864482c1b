package dev.carafe.log;

import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.DirectoryLayout.Trailer;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.KeyHashes;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A sealed extent, identified by its trailer. Only this class decides whether an extent is whole;
 * recovery, reclamation, the repetition of lost writes and inspection use it.
 *
 * <p>A trailer belongs to an extent only if both its sequence and its salt are the extent's.
 * Extents that a crash cut off from the log may have left a trailer of the same sequence with
 * another salt.
 *
 * <p>Proved by {@code RecoveryTest} and {@code SimCrashTest}.
 */
final class SealedExtent {
  private final Trailer trailer;
  private final @Nullable MemorySegment directory;

  private SealedExtent(Trailer trailer, @Nullable MemorySegment directory) {
    this.trailer = trailer;
    this.directory = directory;
  }

  /**
   * Reads the trailer and the directory of a slot from the file.
   *
   * @param file the log's file
   * @param slot of the extent
   * @param scratch memory for one extent, overwritten
   * @return the sealed extent of any sequence that lies in this slot; null if there is none
   * @throws dev.carafe.DeviceException if the file can't be read
   */
  static @Nullable SealedExtent read(LogFile file, int slot, MemorySegment scratch) {
    Geometry geometry = file.geometry();
    MemorySegment last = scratch.asSlice(0, FormatVersion.BLOCK_BYTES);
    long end = geometry.extentOffset(slot) + geometry.extentBytes();
    file.readOrThrow(last, end - FormatVersion.BLOCK_BYTES);
    Trailer trailer = DirectoryLayout.readTrailer(last, file.fileId(), geometry.extentBytes());
    if (trailer == null || geometry.slotOf(trailer.sequence()) != slot) {
      return null;
    }
    long start = DirectoryLayout.startOf(geometry.extentBytes(), trailer.count());
    MemorySegment directory = scratch.asSlice(start, geometry.extentBytes() - start);
    file.readOrThrow(directory, geometry.extentOffset(slot) + start);
    return of(file, trailer, directory);
  }

  /** Reads a sealed extent of this sequence and this salt; null if its slot has none. */
  static @Nullable SealedExtent read(
      LogFile file, long sequence, long salt, MemorySegment scratch) {
    SealedExtent found = read(file, file.geometry().slotOf(sequence), scratch);
    return found != null && belongs(found.trailer, sequence, salt) ? found : null;
  }

  /** Returns the sealed extent in the memory of a whole extent; null if it has no such trailer. */
  static @Nullable SealedExtent in(MemorySegment extent, LogFile file, long sequence, long salt) {
    Trailer trailer = trailerIn(extent, file);
    if (trailer == null || !belongs(trailer, sequence, salt)) {
      return null;
    }
    long start = DirectoryLayout.startOf(extent.byteSize(), trailer.count());
    return of(file, trailer, extent.asSlice(start));
  }

  /** Returns the trailer in the memory of a whole extent, of any sequence and salt. */
  static @Nullable Trailer trailerIn(MemorySegment extent, LogFile file) {
    MemorySegment last = extent.asSlice(extent.byteSize() - FormatVersion.BLOCK_BYTES);
    return DirectoryLayout.readTrailer(last, file.fileId(), extent.byteSize());
  }

  private static boolean belongs(Trailer trailer, long sequence, long salt) {
    return trailer.sequence() == sequence && trailer.salt() == salt;
  }

  /**
   * Verifies a directory.
   *
   * @param file the log's file
   * @param trailer of the extent
   * @param directory the entries, then the trailer
   */
  static SealedExtent of(LogFile file, Trailer trailer, MemorySegment directory) {
    long extentBytes = file.geometry().extentBytes();
    boolean verified =
        DirectoryLayout.verifies(directory, file.fileId())
            && DirectoryLayout.isPossible(directory, trailer.count(), extentBytes);
    return new SealedExtent(trailer, verified ? directory : null);
  }

  Trailer trailer() {
    return trailer;
  }

  /** The entries, then the trailer; null if the directory does not verify. */
  @Nullable MemorySegment directory() {
    return directory;
  }

  /** Whether the directory verifies. Only then may its entries be read. */
  boolean hasDirectory() {
    return directory != null;
  }

  /**
   * Whether the directory and all records that it lists verify. After a crash, the directory alone
   * does not suffice: it may list the copy, which was not written, of a record that was flushed in
   * an older extent.
   *
   * @param scanner has scanned the extent
   */
  boolean isWhole(ExtentScanner scanner) {
    return directory != null && hasAllRecords(scanner);
  }

  /** Whether as many records verify as the trailer counts, even if the directory is damaged. */
  boolean hasAllRecords(ExtentScanner scanner) {
    return isCleared() || scanner.count() == trailer.count();
  }

  /** Whether the directory has only a CLEAR: recovery or a failed sync has replaced the records. */
  private boolean isCleared() {
    return directory != null
        && trailer.count() == 1
        && DirectoryLayout.locationAt(directory, 0)
            == DirectoryLayout.location(RecordLayout.CLEAR, 0, 0);
  }

  /** Copies the entries of the directory, which verifies. */
  void copyEntries(KeyHashes target) {
    target.clear();
    if (directory != null) {
      target.readDirectory(directory, trailer.count());
    }
  }
}
