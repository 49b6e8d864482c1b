package dev.carafe.base;

/**
 * Structural checks that cost more than the work they check; on in all tests by {@code
 * -Dcarafe.invariants=true}. Cheap checks (kernel results, file bytes, arguments, double frees) are
 * not here: they are always on.
 */
public final class Invariants {
  /** Whether the expensive checks run. */
  public static final boolean ON = Boolean.getBoolean("carafe.invariants");

  private Invariants() {}

  /**
   * Fails loudly when the structure is broken.
   *
   * @param holds what must be true
   * @param what the invariant's number and what was found
   * @throws IllegalStateException if it is not
   */
  public static void check(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException("invariant broken: " + what);
    }
  }
}
