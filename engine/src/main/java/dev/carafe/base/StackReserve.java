package dev.carafe.base;

/**
 * A look at how much stack is left, before a change that must not be torn apart by a
 * StackOverflowError (contract F5): called first, it overflows while nothing has been changed yet.
 *
 * <p>It goes down as deep as such a change does, and comes back. What the change calls must not
 * need more than that; what the application's code needs beyond, it overflows in that code.
 */
public final class StackReserve {
  /** To enter a read of a chunk and to leave it. */
  public static final int READ_KIB = 1;

  /** An operation of the memory tier. */
  public static final int MEMORY_KIB = 12;

  /** A change of log and index, with the submission of a write. */
  public static final int LOG_KIB = 20;

  /** Making room in memory: evacuation of a region, eviction, and changes of the log for each. */
  public static final int ROOM_KIB = 64;

  /** Each takes some 100 bytes of stack, compiled or interpreted. */
  private static final int LEVELS_PER_KIB = 10;

  /** Cold code takes larger frames, and links call sites and loads classes on the way. */
  private static final int COLD_CHECKS = 20_000;

  private static final int COLD_FACTOR = 3;

  private static volatile boolean impossible;
  private static int checks; // racy: about so many is enough

  private StackReserve() {}

  /**
   * Returns if about so much stack is left; takes about 6 ns a KiB. The first 20,000 checks ask for
   * three times as much, since interpreted code needs more.
   *
   * @param kib such as {@link #MEMORY_KIB}
   * @throws StackOverflowError if less is left
   */
  public static void check(int kib) {
    int levels = kib * LEVELS_PER_KIB;
    if (checks < COLD_CHECKS) {
      checks++;
      levels *= COLD_FACTOR;
    }
    if (down(levels) == Long.MIN_VALUE) {
      impossible = true; // keeps the compiler from leaving all of it out
    }
  }

  /** Its frame has room for the arguments of the last call, which only the last level fills. */
  private static long down(int levels) {
    return levels == 0
        ? wide(
            levels, levels, levels, levels, levels, levels, levels, levels, levels, levels, levels,
            levels, levels, levels, levels, levels, levels, levels, levels, levels, levels, levels,
            levels, levels, levels, levels)
        : down(levels - 1) + levels;
  }

  @SuppressWarnings("TooManyParameters") // they are what makes the frames large
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
      long a25) {
    return impossible
        ? a0 ^ a1 ^ a2 ^ a3 ^ a4 ^ a5 ^ a6 ^ a7 ^ a8 ^ a9 ^ a10 ^ a11 ^ a12 ^ a13 ^ a14 ^ a15 ^ a16
            ^ a17 ^ a18 ^ a19 ^ a20 ^ a21 ^ a22 ^ a23 ^ a24 ^ a25
        : 0;
  }
}
