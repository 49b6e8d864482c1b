package dev.carafe.log.format;

/** The version of the file format. */
public final class FormatVersion {
  /** The only version that this engine reads and writes. */
  public static final int CURRENT = 3;

  /** The length of a block. A header takes one block, and a flush ends at a block boundary. */
  public static final int BLOCK_BYTES = 4096;

  private FormatVersion() {}
}
