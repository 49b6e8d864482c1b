package dev.carafe.log;

import dev.carafe.FileOptions;
import dev.carafe.base.Bits;
import dev.carafe.log.format.FileHeaderLayout.FileHeader;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.RecordLayout;
import dev.carafe.log.format.RingHistory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The division of a file: one header block, then extents of equal length.
 *
 * @param capacityBytes the maximum length that the application allows
 * @param extentBytes the length of an extent
 * @param extentCount the number of extents
 * @param slots maps the sequence of an extent to its slot
 */
public record Geometry(long capacityBytes, long extentBytes, int extentCount, SlotMap slots) {
  /** With fewer extents, the log can't append, copy and reclaim at the same time. */
  public static final int MIN_EXTENTS = 5;

  private static final long MIN_EXTENT_BYTES = 64 * 1024;

  /** A value of 16 MiB with header, key and directory. */
  private static final long MAX_EXTENT_BYTES = (16L << 20) + 64 * 1024;

  /**
   * The number of extents of a new file, within the limits of their length. More extents make a
   * smaller part of the file unavailable to live records.
   */
  private static final int TARGET_EXTENTS = 15;

  /** The memory that affords buffers for extents of any length. */
  private static final long LARGE_MEMORY_BYTES = 64 << 20;

  /** The length of an extent is at most this part of a smaller memory. */
  private static final int MEMORY_SHARE = 5;

  /** The length that any memory affords, so that values of 700 KiB fit. */
  private static final long SMALL_EXTENT_BYTES = 768 * 1024;

  private static final long KEY_ALLOWANCE_BYTES = 1024;

  /**
   * Returns the geometry of a new file of a cache with much memory.
   *
   * @param capacityBytes the maximum length that the application allows
   * @return as {@link #of(long, long)}
   * @throws IllegalArgumentException if it is too small or too large
   */
  public static Geometry of(long capacityBytes) {
    return of(capacityBytes, Long.MAX_VALUE);
  }

  /**
   * Returns the geometry of a new file. The log has three buffers of the length of an extent, so a
   * small memory gets short extents.
   *
   * @param capacityBytes the maximum length that the application allows
   * @param memoryBytes the memory of the cache
   * @return its geometry, always the same for the same arguments
   * @throws IllegalArgumentException if the capacity is too small or too large
   */
  public static Geometry of(long capacityBytes, long memoryBytes) {
    long wanted = Math.min(capacityBytes / TARGET_EXTENTS, affordableBytes(memoryBytes));
    long extentBytes =
        Math.clamp(
            Bits.roundDown(wanted, FormatVersion.BLOCK_BYTES),
            leastBytes(capacityBytes),
            MAX_EXTENT_BYTES);
    long count = extentCount(capacityBytes, extentBytes);
    if (!isPossible(count)) {
      throw new IllegalArgumentException(
          "capacityBytes is "
              + capacityBytes
              + " but must be "
              + (MIN_EXTENTS * MIN_EXTENT_BYTES + FormatVersion.BLOCK_BYTES)
              + " to "
              + RecordAddress.MAX_EXTENTS * MAX_EXTENT_BYTES);
    }
    return plain(capacityBytes, extentBytes, (int) count);
  }

  private static long affordableBytes(long memoryBytes) {
    return memoryBytes >= LARGE_MEMORY_BYTES
        ? MAX_EXTENT_BYTES
        : Math.max(memoryBytes / MEMORY_SHARE, SMALL_EXTENT_BYTES);
  }

  /** Returns the length that is not too short for the number of extents. */
  private static long leastBytes(long capacityBytes) {
    long bytes = Math.ceilDiv(capacityBytes, RecordAddress.MAX_EXTENTS);
    return Math.clamp(
        Bits.roundUp(bytes, FormatVersion.BLOCK_BYTES), MIN_EXTENT_BYTES, MAX_EXTENT_BYTES);
  }

  /** The number of extents that fit beside the file header. */
  private static long extentCount(long capacityBytes, long extentBytes) {
    return (capacityBytes - FormatVersion.BLOCK_BYTES) / extentBytes;
  }

  private static boolean isPossible(long extentCount) {
    return extentCount >= MIN_EXTENTS && extentCount <= RecordAddress.MAX_EXTENTS;
  }

  private static Geometry plain(long capacityBytes, long extentBytes, int extentCount) {
    SlotMap slots = new SlotMap(RingHistory.of(extentCount));
    return new Geometry(capacityBytes, extentBytes, extentCount, slots);
  }

  /**
   * Returns the geometry of an existing file with another capacity. The extents keep their length.
   *
   * @param path for messages
   * @param capacityBytes the maximum length that the application allows
   * @param extentBytes the extent length of the existing file
   * @return as many extents as the capacity allows
   * @throws IllegalArgumentException if these are too few or too many
   */
  public static Geometry of(Path path, long capacityBytes, long extentBytes) {
    long count = extentCount(capacityBytes, extentBytes);
    if (!isPossible(count)) {
      throw new IllegalArgumentException(
          "capacityBytes is "
              + capacityBytes
              + " but must be "
              + (MIN_EXTENTS * extentBytes + FormatVersion.BLOCK_BYTES)
              + " to "
              + (RecordAddress.MAX_EXTENTS * extentBytes + FormatVersion.BLOCK_BYTES)
              + " for "
              + path
              + ", whose extents have "
              + extentBytes
              + " bytes; Recovery.EMPTY discards the content and creates the file anew");
    }
    return plain(capacityBytes, extentBytes, (int) count);
  }

  /**
   * Returns the geometry of an existing file.
   *
   * @param header of the file
   * @return its geometry; null if the header's values are impossible
   */
  static @Nullable Geometry of(FileHeader header) {
    long extentBytes = header.extentBytes();
    boolean possible =
        extentBytes >= MIN_EXTENT_BYTES
            && extentBytes <= MAX_EXTENT_BYTES
            && extentBytes % FormatVersion.BLOCK_BYTES == 0
            && header.rings().rings().stream().allMatch(ring -> ring.slots() >= MIN_EXTENTS)
            && header.capacityBytes() >= FileOptions.MIN_CAPACITY_BYTES
            && header.extentCount() <= extentCount(header.capacityBytes(), extentBytes);
    return possible
        ? new Geometry(
            header.capacityBytes(), extentBytes, header.extentCount(), new SlotMap(header.rings()))
        : null;
  }

  /**
   * The number of slots that the file has.
   *
   * @return more than {@link #extentCount} while a shrink has left extents beyond the new end
   */
  public int slotCount() {
    return slots.slotCount();
  }

  /**
   * The start of an extent.
   *
   * @param slot of the extent
   * @return bytes from the start of the file
   */
  public long extentOffset(int slot) {
    return FormatVersion.BLOCK_BYTES + slot * extentBytes;
  }

  /**
   * The slot of an extent.
   *
   * @param sequence of the extent
   * @return its slot
   */
  public int slotOf(long sequence) {
    return slots.slotOf(sequence);
  }

  /**
   * The bytes of an extent that records can use.
   *
   * @return their number
   */
  public long payloadBytes() {
    return extentBytes - 2L * FormatVersion.BLOCK_BYTES;
  }

  /**
   * The length of the largest value that always fits with a key of up to 1 KiB.
   *
   * @return bytes
   */
  public int maxValueBytes() {
    long headers = 2L * RecordLayout.HEADER_BYTES; // its own, and a TAIL record's
    return (int) (payloadBytes() - headers - KEY_ALLOWANCE_BYTES);
  }
}
