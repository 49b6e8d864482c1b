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
 * How a file is divided: one block of header, then extents of equal length.
 *
 * @param capacityBytes what the application allows
 * @param extentBytes how long an extent is
 * @param extentCount how many there are
 * @param slots which slot each extent of the log lies in
 */
public record Geometry(long capacityBytes, long extentBytes, int extentCount, SlotMap slots) {
  /** Fewer could not be written, carried from and reclaimed at the same time. */
  public static final int MIN_EXTENTS = 5;

  private static final long MIN_EXTENT_BYTES = 64 * 1024;

  /** A value of 16 MiB with header, key and directory. */
  private static final long MAX_EXTENT_BYTES = (16L << 20) + 64 * 1024;

  /** So many extents if their length allows: what is not yet reclaimed is a small share then. */
  private static final int TARGET_EXTENTS = 15;

  private static final long KEY_ALLOWANCE_BYTES = 1024;

  /**
   * Divides a new file.
   *
   * @param capacityBytes what the application allows
   * @return its geometry, always the same for the same capacity
   * @throws IllegalArgumentException if it is too small or too large
   */
  public static Geometry of(long capacityBytes) {
    long wanted = Bits.roundDown(capacityBytes / TARGET_EXTENTS, FormatVersion.BLOCK_BYTES);
    long extentBytes = Math.clamp(wanted, MIN_EXTENT_BYTES, MAX_EXTENT_BYTES);
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

  /** How many extents fit beside the file header. */
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
   * Divides a file whose extents have a length, as another capacity calls for.
   *
   * @param path for messages
   * @param capacityBytes what the application allows
   * @param extentBytes of the file that is there
   * @return as many extents as the capacity allows
   * @throws IllegalArgumentException if these are too few or too many
   */
  static Geometry of(Path path, long capacityBytes, long extentBytes) {
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
              + " bytes; Recovery.EMPTY gives its content up and begins anew");
    }
    return plain(capacityBytes, extentBytes, (int) count);
  }

  /**
   * How a file is divided.
   *
   * @param header of the file
   * @return its geometry, or null if no file can be divided like that
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
   * Where an extent begins.
   *
   * @param slot which
   * @return bytes from the start of the file
   */
  public long extentOffset(int slot) {
    return FormatVersion.BLOCK_BYTES + slot * extentBytes;
  }

  /**
   * Where an extent of the log lies.
   *
   * @param sequence its place in history
   * @return its slot
   */
  public int slotOf(long sequence) {
    return slots.slotOf(sequence);
  }

  /**
   * How much of an extent records can take.
   *
   * @return bytes
   */
  public long payloadBytes() {
    return extentBytes - 2L * FormatVersion.BLOCK_BYTES;
  }

  /**
   * The largest value that surely fits, with a key of up to 1 KiB.
   *
   * @return bytes
   */
  public int maxValueBytes() {
    long headers = 2L * RecordLayout.HEADER_BYTES; // its own, and a TAIL record's
    return (int) (payloadBytes() - headers - KEY_ALLOWANCE_BYTES);
  }
}
