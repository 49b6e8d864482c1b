package dev.carafe.device;

/**
 * Describes an open device.
 *
 * @param kind how transfers reach the file
 * @param direct whether transfers bypass the page cache (O_DIRECT)
 * @param alignmentBytes offset, length and address of a transfer must be multiples of it
 * @param reason which better device or mode is not in use, why, and the remedy; empty if none
 */
public record DeviceInfo(Kind kind, boolean direct, int alignmentBytes, String reason) {

  /** How transfers reach the file, best first. */
  public enum Kind {
    /** io_uring with registered buffers. */
    FIXED_BUFFERS,
    /** io_uring without registered buffers. */
    URING,
    /** A file channel. */
    CHANNEL
  }
}
