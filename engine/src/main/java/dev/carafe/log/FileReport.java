package dev.carafe.log;

import dev.carafe.log.format.FileHeaderLayout.FileHeader;
import java.nio.file.Path;
import java.util.List;

/**
 * What a file holds.
 *
 * @param path the file
 * @param fileBytes how long it is
 * @param expectedBytes how long it is unless it was cut
 * @param header what its header says
 * @param firstSequence the log's first extent
 * @param lastSequence the log's last extent, less than the first if there is none
 * @param extents all of them, in the order of their slots
 */
public record FileReport(
    Path path,
    long fileBytes,
    long expectedBytes,
    FileHeader header,
    long firstSequence,
    long lastSequence,
    List<Extent> extents) {

  /**
   * What an extent holds.
   *
   * @param slot which it is
   * @param fileOffset where it begins, in bytes from the start of the file
   * @param state CLEAN if it is no part of the log, OPEN if it has no directory, else SEALED
   * @param sequence of the log; of a clean extent what its header says, 0 if nothing
   * @param syncedSequence what its header says, 0 if nothing
   * @param contents its records; none if it is clean
   * @param damagedPlaces how many places of it do not verify
   */
  public record Extent(
      int slot,
      long fileOffset,
      ExtentTable.State state,
      long sequence,
      long syncedSequence,
      Contents contents,
      long damagedPlaces) {}

  /**
   * Records.
   *
   * @param values how many VALUE records
   * @param tombstones how many TOMBSTONE records
   * @param clears how many CLEAR records
   * @param tails how many TAIL records
   * @param recordBytes of all of them
   * @param liveValues VALUE records that verify, are their key's newest and have not expired
   * @param liveBytes of those
   */
  public record Contents(
      long values,
      long tombstones,
      long clears,
      long tails,
      long recordBytes,
      long liveValues,
      long liveBytes) {

    static final Contents NONE = new Contents(0, 0, 0, 0, 0, 0, 0);

    Contents plus(Contents other) {
      return new Contents(
          values + other.values,
          tombstones + other.tombstones,
          clears + other.clears,
          tails + other.tails,
          recordBytes + other.recordBytes,
          liveValues + other.liveValues,
          liveBytes + other.liveBytes);
    }

    /**
     * Records of every kind.
     *
     * @return how many
     */
    public long records() {
      return values + tombstones + clears + tails;
    }

    /**
     * Records that are not live.
     *
     * @return their bytes
     */
    public long deadBytes() {
      return recordBytes - liveBytes;
    }
  }

  /**
   * The records of all extents of the log.
   *
   * @return their sum
   */
  public Contents contents() {
    return extents.stream().map(Extent::contents).reduce(Contents.NONE, Contents::plus);
  }

  /**
   * Places that do not verify; a file that was cut is one more.
   *
   * @return how many
   */
  public long damagedPlaces() {
    return extents.stream().mapToLong(Extent::damagedPlaces).sum() + (isTruncated() ? 1 : 0);
  }

  /**
   * Whether the end of the file is missing.
   *
   * @return true if it is shorter than expected
   */
  public boolean isTruncated() {
    return fileBytes < expectedBytes;
  }

  /**
   * Whether the file was closed, and nothing was written to it since: then a header says that all
   * of the log is synced.
   *
   * @return false after a kill or a power cut
   */
  public boolean isClosedCleanly() {
    return lastSequence < firstSequence
        || extents.stream().anyMatch(extent -> extent.syncedSequence() >= lastSequence);
  }
}
