package dev.carafe.base;

import java.util.SplittableRandom;
import org.opentest4j.TestAbortedException;

/**
 * Short by default, long under {@code -Psoak}. Every random test draws its seed here and names it
 * when it fails; {@code -Dcarafe.test.seed=…} runs it again.
 */
public final class Soak {
  /** Whether the long form runs. */
  public static final boolean ON = Boolean.getBoolean("carafe.test.soak");

  private static final StackWalker WALKER =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  private Soak() {}

  /**
   * How often, or how long.
   *
   * @param brief in every build
   * @param extended under the profile
   * @return one of the two
   */
  public static int times(int brief, int extended) {
    return ON ? extended : brief;
  }

  /**
   * A seed: another one each time, unless one is given.
   *
   * @return to be named in failures
   */
  public static long seed() {
    return Long.getLong("carafe.test.seed", new SplittableRandom().nextLong());
  }

  /** What is done with a seed. */
  public interface Seeded {
    /**
     * Runs once.
     *
     * @param random the only source of chance
     * @throws Exception fails the test
     */
    void run(SplittableRandom random) throws Exception;
  }

  /**
   * Runs something by chance; if it fails, the failure names the seed.
   *
   * @param work what
   */
  public static void seeded(Seeded work) {
    long seed = seed();
    Record.seed(WALKER.getCallerClass().getSimpleName(), seed);
    try {
      work.run(new SplittableRandom(seed));
    } catch (TestAbortedException e) {
      throw e; // skipped, with its word
    } catch (Throwable t) {
      throw new AssertionError("again with -Dcarafe.test.seed=" + seed + ": " + t, t);
    }
  }
}
