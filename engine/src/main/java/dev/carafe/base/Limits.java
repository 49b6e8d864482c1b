package dev.carafe.base;

/** Bounds that more than one package knows, each with its reason. */
public final class Limits {
  /** The memory page of every machine this runs on, and the unit in which regions are cut. */
  public static final int PAGE_BYTES = 4096;

  /** The most that the kernel registers as one fixed buffer; no chunk straddles such a border. */
  public static final long FIXED_BUFFER_BYTES = 1L << 30;

  /** A huge page on x86-64 and on aarch64 with 4 KiB pages. */
  public static final long HUGE_PAGE_BYTES = 2L << 20;

  /** A key's encoded bytes: a record's header has 16 bits for them. */
  public static final int MAX_KEY_BYTES = 0xFFFF;

  private Limits() {}
}
