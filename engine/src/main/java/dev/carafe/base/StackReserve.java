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

  /**
   * A level of {@link #deep} takes about 160 bytes when compiled by C2, more by C1, and 100 bytes
   * when interpreted. C2 does not compile calls of many more arguments.
   */
  private static final int DEEP_LEVELS_PER_KIB = 7;

  /** Interpreted, {@link #shallow} takes about 100 bytes, and compiled at least 30. */
  private static final int SHALLOW_LEVELS_PER_KIB = 30;

  /** The first checks of each size guard code that is not compiled yet, whose frames are larger. */
  private static final int COLD_CHECKS = 100_000;

  private static volatile boolean impossible;

  /**
   * The checks of each size in KiB, since reads may be compiled long before changes. The count is
   * not atomic and therefore approximate.
   */
  private static final int[] checks = new int[ROOM_KIB + 1];

  private StackReserve() {}

  /**
   * Checks that the given stack is left. The check takes about 5 ns per KiB. The first 100,000
   * checks of each size require up to three times as much stack, and take longer.
   *
   * @param kib needed stack in KiB, one of {@link #READ_KIB} to {@link #ROOM_KIB}
   * @throws StackOverflowError if less is left
   */
  public static void check(int kib) {
    long seen = deep(kib * DEEP_LEVELS_PER_KIB);
    if (checks[kib] < COLD_CHECKS) {
      checks[kib]++;
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
            levels, levels, levels, levels, levels, levels, levels)
        : deep(levels - 1) + levels;
  }

  @SuppressWarnings("TooManyParameters") // they make the frames large
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
      long a39) {
    return impossible
        ? a0 ^ a1 ^ a2 ^ a3 ^ a4 ^ a5 ^ a6 ^ a7 ^ a8 ^ a9 ^ a10 ^ a11 ^ a12 ^ a13 ^ a14 ^ a15 ^ a16
            ^ a17 ^ a18 ^ a19 ^ a20 ^ a21 ^ a22 ^ a23 ^ a24 ^ a25 ^ a26 ^ a27 ^ a28 ^ a29 ^ a30
            ^ a31 ^ a32 ^ a33 ^ a34 ^ a35 ^ a36 ^ a37 ^ a38 ^ a39
        : 0;
  }
}
