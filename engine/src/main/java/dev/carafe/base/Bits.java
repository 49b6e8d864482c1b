package dev.carafe.base;

/** Rounding, spelled out once. */
public final class Bits {
  private Bits() {}

  /**
   * The next multiple.
   *
   * @param value 0 or more
   * @param unit any positive unit
   * @return the smallest multiple of unit that is not less than value
   */
  public static long roundUp(long value, long unit) {
    return Math.ceilDiv(value, unit) * unit;
  }

  /**
   * The multiple before.
   *
   * @param value 0 or more
   * @param unit any positive unit
   * @return the largest multiple of unit that is not more than value
   */
  public static long roundDown(long value, long unit) {
    return value / unit * unit;
  }

  /**
   * The next power of two.
   *
   * @param value 1 to 2^30
   * @return the smallest power of two that is not less than value
   */
  public static int ceilPow2(int value) {
    return value <= 1 ? 1 : Integer.highestOneBit(value - 1) << 1;
  }
}
