package dev.carafe.device;

/**
 * What kind of device was had.
 *
 * @param kind how transfers reach the file
 * @param direct whether they go past the page cache
 * @param alignmentBytes what offset, length and address of a transfer must be multiples of
 * @param reason what was lost, why, and what would give it back; empty when nothing was lost
 */
public record DeviceInfo(Kind kind, boolean direct, int alignmentBytes, String reason) {

  /** How transfers reach the file, best first. */
  public enum Kind {
    /** io_uring, with memory registered at the kernel. */
    FIXED_BUFFERS,
    /** io_uring without registered memory. */
    URING,
    /** A file channel. */
    CHANNEL
  }
}
