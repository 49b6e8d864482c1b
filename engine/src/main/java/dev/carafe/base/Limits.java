package dev.carafe.base;

/** Limits that several packages use, each with its reason. */
public final class Limits {
  /** Bytes of a memory page on all supported machines; regions consist of whole pages. */
  public static final int PAGE_BYTES = 4096;

  /** The longest fixed buffer that the kernel registers; no chunk lies in two buffers. */
  public static final long FIXED_BUFFER_BYTES = 1L << 30;

  /** Bytes of a huge page on x86-64, and on aarch64 with 4 KiB pages. */
  public static final long HUGE_PAGE_BYTES = 2L << 20;

  /** The longest encoded key in bytes: a record's header has 16 bits for its length. */
  public static final int MAX_KEY_BYTES = 0xFFFF;

  private Limits() {}
}
