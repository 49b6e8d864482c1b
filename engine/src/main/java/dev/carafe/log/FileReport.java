package dev.carafe.log;

import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import dev.carafe.log.format.FileHeaderLayout.FileHeader;
import java.nio.file.Path;
import java.util.List;

/**
 * The content of a file.
 *
 * @param path the file
 * @param fileBytes the length of the file
 * @param expectedBytes the length that an untruncated file has
 * @param header the content of its header
 * @param firstSequence the sequence of the log's first extent
 * @param lastSequence the sequence of the log's last extent, less than the first if there is none
 * @param extents all extents, in the order of their slots
 * @param caches the caches in a file of many, by number; empty in a file of one
 * @param isInUse whether a cache had the file open; the content is then a snapshot of a file that
 *     changes, and extents that are being written are not checked
 */
public record FileReport(
    Path path,
    long fileBytes,
    long expectedBytes,
    FileHeader header,
    long firstSequence,
    long lastSequence,
    List<Extent> extents,
    List<CacheContents> caches,
    boolean isInUse) {

  /**
   * The content of a cache in a file of many.
   *
   * @param number the number with which its keys begin
   * @param name its name; empty if the list of the caches does not have it
   * @param codecs the fingerprints of its codecs; empty if the list does not have it
   * @param liveValues its live values
   * @param liveBytes the bytes of their records
   */
  public record CacheContents(
      int number, String name, CodecNames codecs, long liveValues, long liveBytes) {}

  /**
   * The content of an extent.
   *
   * @param slot the slot of the extent
   * @param fileOffset the start of the extent, in bytes from the start of the file
   * @param state CLEAN if it is not part of the log, OPEN if it has no directory, else SEALED
   * @param sequence the extent's sequence; of a clean extent the one in its header, 0 if none
   * @param syncedSequence the synced sequence in its header, 0 if none
   * @param contents its records; none if the extent is clean
   * @param damagedPlaces the number of its places that do not verify
   */
  public record Extent(
      int slot,
      long fileOffset,
      ExtentTable.State state,
      long sequence,
      long syncedSequence,
      Contents contents,
      long damagedPlaces) {

    /** This extent, without the damage that a write in progress looks like. */
    Extent beingWritten() {
      return new Extent(slot, fileOffset, state, sequence, syncedSequence, contents, 0);
    }

    /** This extent, after it left the log. */
    Extent reclaimed() {
      return new Extent(
          slot, fileOffset, ExtentTable.State.CLEAN, sequence, syncedSequence, Contents.NONE, 0);
    }
  }

  /**
   * Counts of records.
   *
   * @param values VALUE records
   * @param tombstones TOMBSTONE records
   * @param clears CLEAR records
   * @param tails TAIL records
   * @param recordBytes the bytes of all records
   * @param liveValues VALUE records that verify, are their key's newest and have not expired
   * @param liveBytes the bytes of the live values
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
     * The records of every kind.
     *
     * @return their number
     */
    public long records() {
      return values + tombstones + clears + tails;
    }

    /**
     * The records that are not live.
     *
     * @return their bytes
     */
    public long deadBytes() {
      return recordBytes - liveBytes;
    }
  }

  /** This report of a file that a cache has opened since. */
  FileReport inUse() {
    return new FileReport(
        path, fileBytes, expectedBytes, header, firstSequence, lastSequence, extents, caches, true);
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
   * The places that do not verify. A truncated file counts as one more.
   *
   * @return their number
   */
  public long damagedPlaces() {
    return extents.stream().mapToLong(Extent::damagedPlaces).sum() + (isTruncated() ? 1 : 0);
  }

  /**
   * Whether the file is truncated.
   *
   * @return true if the file is shorter than expected
   */
  public boolean isTruncated() {
    return fileBytes < expectedBytes;
  }

  /**
   * Whether the file was closed, and not written since. A header then marks the whole log as
   * synced.
   *
   * @return false after a kill or a power cut
   */
  public boolean isClosedCleanly() {
    return lastSequence < firstSequence
        || extents.stream().anyMatch(extent -> extent.syncedSequence() >= lastSequence);
  }
}
