package dev.carafe.base;

/**
 * Structural checks that cost more than the work they check. All tests enable them by {@code
 * -Dcarafe.invariants=true}. Cheap checks (kernel results, file bytes, arguments, double frees) are
 * always on and do not use this class.
 */
public final class Invariants {
  /** Whether the expensive checks run. */
  public static final boolean ON = Boolean.getBoolean("carafe.invariants");

  private Invariants() {}

  /**
   * Checks an invariant.
   *
   * @param holds the invariant's condition
   * @param what the invariant's number and the violation
   * @throws IllegalStateException if the condition is false
   */
  public static void check(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException("invariant broken: " + what);
    }
  }
}
