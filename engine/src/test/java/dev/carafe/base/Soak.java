package dev.carafe.base;

import java.util.SplittableRandom;
import org.opentest4j.TestAbortedException;

/**
 * Selects the short form of a test, or the long form with {@code -Psoak}. Every random test draws
 * its seed here and prints it when it fails; {@code -Dcarafe.test.seed=…} repeats the run.
 */
public final class Soak {
  /** Whether the long form runs. */
  public static final boolean ON = Boolean.getBoolean("carafe.test.soak");

  private static final StackWalker WALKER =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  private Soak() {}

  /**
   * Selects a number of rounds or a duration.
   *
   * @param brief the value of every build
   * @param extended the value with {@code -Psoak}
   * @return one of the two
   */
  public static int times(int brief, int extended) {
    return ON ? extended : brief;
  }

  /**
   * Draws a seed, unless the system property sets one.
   *
   * @return the seed, which failures must name
   */
  public static long seed() {
    return Long.getLong("carafe.test.seed", new SplittableRandom().nextLong());
  }

  /** A random test. */
  public interface Seeded {
    /**
     * Runs once.
     *
     * @param random the only source of randomness
     * @throws Exception fails the test
     */
    void run(SplittableRandom random) throws Exception;
  }

  /**
   * Runs a random test. If it fails, the failure names the seed.
   *
   * @param work the test
   */
  public static void seeded(Seeded work) {
    long seed = seed();
    Record.seed(WALKER.getCallerClass().getSimpleName(), seed);
    try {
      work.run(new SplittableRandom(seed));
    } catch (TestAbortedException e) {
      throw e; // the test is skipped, with its message
    } catch (Throwable t) {
      throw new AssertionError("again with -Dcarafe.test.seed=" + seed + ": " + t, t);
    }
  }
}
