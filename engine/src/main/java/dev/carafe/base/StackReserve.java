package dev.carafe.base;

/**
 * A look at how much stack is left, before a change that must not be torn apart by a
 * StackOverflowError (contract F5): called first, it overflows while nothing has been changed yet.
 *
 * <p>It goes down as deep as such a change does, and comes back. What the change calls must not
 * need more than that; it must not call the application, for instance.
 */
public final class StackReserve {
  /**
   * Compiled, a level takes some 64 bytes; interpreted, some 150, as the levels of the change do.
   */
  private static final int LEVELS = 128;

  private static long sum;

  private StackReserve() {}

  /**
   * Returns if some 8 KiB of stack are left, in about a quarter of a microsecond.
   *
   * @throws StackOverflowError if they are not
   */
  public static void check() {
    long reached = down(LEVELS, 1, 2, 3);
    if (reached == 0) {
      sum = reached; // never; keeps the compiler from leaving all of it out
    }
  }

  /** The arguments are needed after the call, so that each level has to keep them on the stack. */
  private static long down(int levels, long a, long b, long c) {
    if (levels == 0) {
      return a ^ b ^ c ^ sum;
    }
    long deeper = down(levels - 1, a + 1, b + a, c + b);
    return deeper + (a | levels) + (b ^ c) * levels;
  }
}
