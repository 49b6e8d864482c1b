package dev.carafe.base;

/** Integer rounding. */
public final class Bits {
  private Bits() {}

  /**
   * Rounds up to a multiple.
   *
   * @param value 0 or more
   * @param unit 1 or more
   * @return the smallest multiple of unit that is at least value
   */
  public static long roundUp(long value, long unit) {
    return Math.ceilDiv(value, unit) * unit;
  }

  /**
   * Rounds down to a multiple.
   *
   * @param value 0 or more
   * @param unit 1 or more
   * @return the largest multiple of unit that is at most value
   */
  public static long roundDown(long value, long unit) {
    return value / unit * unit;
  }

  /**
   * Rounds up to a power of two.
   *
   * @param value 1 to 2^30
   * @return the smallest power of two that is at least value
   */
  public static int ceilPow2(int value) {
    return value <= 1 ? 1 : Integer.highestOneBit(value - 1) << 1;
  }
}
