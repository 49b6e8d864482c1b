package dev.carafe.log.format;

/** Which bytes this engine writes and reads. */
public final class FormatVersion {
  /** The one there is. */
  public static final int CURRENT = 3;

  /** Blocks in which the file is laid out: headers take one, and a flush ends at one. */
  public static final int BLOCK_BYTES = 4096;

  private FormatVersion() {}
}
