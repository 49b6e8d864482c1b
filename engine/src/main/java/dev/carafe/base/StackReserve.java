package dev.carafe.base;

/**
 * Checks that enough stack is left before a change that a StackOverflowError must not interrupt
 * (contract F5). The check itself overflows if the stack is too short, while nothing has been
 * changed yet.
 *
 * <p>The check recurses as deep as the change does and returns. The engine's code in the change
 * must not need more stack than that. Application code that needs more overflows by itself.
 */
public final class StackReserve {
  /** Entering and leaving a read of a chunk. */
  public static final int READ_KIB = 1;

  /** An operation of the memory tier. */
  public static final int MEMORY_KIB = 12;

  /** A change of log and index, with the submission of a write. */
  public static final int LOG_KIB = 20;

  /**
   * Making room in memory: evacuation of a region, eviction, and the log's change for each entry.
   */
  public static final int ROOM_KIB = 64;

  /** Compiled, two levels of {@link #deep} take 3 KiB of stack: a frame holds 90 arguments. */
  private static final int KIB_PER_TWO_LEVELS = 3;

  /** Interpreted, {@link #shallow} takes about 100 bytes, and compiled at least 30. */
  private static final int SHALLOW_LEVELS_PER_KIB = 30;

  /** The first operations run code that is not compiled yet, whose frames are larger. */
  private static final int COLD_CHECKS = 20_000;

  private static volatile boolean impossible;
  private static int checks; // racy; an approximate count is enough

  private StackReserve() {}

  /**
   * Returns if the given stack is left. It takes about 2 ns per KiB. The first 20,000 checks
   * require up to three times as much stack, and take longer.
   *
   * @param kib needed stack in KiB, such as {@link #MEMORY_KIB}
   * @throws StackOverflowError if less is left
   */
  public static void check(int kib) {
    long seen = deep(1 + 2 * kib / KIB_PER_TWO_LEVELS);
    if (checks < COLD_CHECKS) {
      checks++;
      seen += shallow(kib * SHALLOW_LEVELS_PER_KIB);
    }
    if (seen == Long.MIN_VALUE) {
      impossible = true; // keeps the compiler from removing the recursion
    }
  }

  /** Recursion for code that is not compiled yet. */
  private static long shallow(int levels) {
    return levels == 0 ? 0 : shallow(levels - 1) + levels;
  }

  /** Each frame has room for the arguments of the call of wide, which only the last level makes. */
  private static long deep(int levels) {
    return levels == 0
        ? wide(
            levels, levels, levels, levels, levels, levels, levels, levels, levels, levels, levels,
            levels, levels, levels, levels, levels, levels, levels, levels, levels, levels, levels,
            levels, levels, levels, levels, levels, levels, levels, levels, levels, levels, levels,
            levels, levels, levels, levels, levels, levels, levels, levels, levels, levels, levels,
            levels, levels, levels, levels, levels, levels, levels, levels, levels, levels, levels,
            levels, levels, levels, levels, levels, levels, levels, levels, levels, levels, levels,
            levels, levels, levels, levels, levels, levels, levels, levels, levels, levels, levels,
            levels, levels, levels, levels, levels, levels, levels, levels, levels, levels, levels,
            levels, levels)
        : deep(levels - 1) + levels;
  }

  @SuppressWarnings("TooManyParameters") // the parameters make the frames large
  private static long wide(
      long a0,
      long a1,
      long a2,
      long a3,
      long a4,
      long a5,
      long a6,
      long a7,
      long a8,
      long a9,
      long a10,
      long a11,
      long a12,
      long a13,
      long a14,
      long a15,
      long a16,
      long a17,
      long a18,
      long a19,
      long a20,
      long a21,
      long a22,
      long a23,
      long a24,
      long a25,
      long a26,
      long a27,
      long a28,
      long a29,
      long a30,
      long a31,
      long a32,
      long a33,
      long a34,
      long a35,
      long a36,
      long a37,
      long a38,
      long a39,
      long a40,
      long a41,
      long a42,
      long a43,
      long a44,
      long a45,
      long a46,
      long a47,
      long a48,
      long a49,
      long a50,
      long a51,
      long a52,
      long a53,
      long a54,
      long a55,
      long a56,
      long a57,
      long a58,
      long a59,
      long a60,
      long a61,
      long a62,
      long a63,
      long a64,
      long a65,
      long a66,
      long a67,
      long a68,
      long a69,
      long a70,
      long a71,
      long a72,
      long a73,
      long a74,
      long a75,
      long a76,
      long a77,
      long a78,
      long a79,
      long a80,
      long a81,
      long a82,
      long a83,
      long a84,
      long a85,
      long a86,
      long a87,
      long a88,
      long a89) {
    return impossible
        ? a0 ^ a1 ^ a2 ^ a3 ^ a4 ^ a5 ^ a6 ^ a7 ^ a8 ^ a9 ^ a10 ^ a11 ^ a12 ^ a13 ^ a14 ^ a15 ^ a16
            ^ a17 ^ a18 ^ a19 ^ a20 ^ a21 ^ a22 ^ a23 ^ a24 ^ a25 ^ a26 ^ a27 ^ a28 ^ a29 ^ a30
            ^ a31 ^ a32 ^ a33 ^ a34 ^ a35 ^ a36 ^ a37 ^ a38 ^ a39 ^ a40 ^ a41 ^ a42 ^ a43 ^ a44
            ^ a45 ^ a46 ^ a47 ^ a48 ^ a49 ^ a50 ^ a51 ^ a52 ^ a53 ^ a54 ^ a55 ^ a56 ^ a57 ^ a58
            ^ a59 ^ a60 ^ a61 ^ a62 ^ a63 ^ a64 ^ a65 ^ a66 ^ a67 ^ a68 ^ a69 ^ a70 ^ a71 ^ a72
            ^ a73 ^ a74 ^ a75 ^ a76 ^ a77 ^ a78 ^ a79 ^ a80 ^ a81 ^ a82 ^ a83 ^ a84 ^ a85 ^ a86
            ^ a87 ^ a88 ^ a89
        : 0;
  }
}
