package dev.carafe.base;

/**
 * Waits that an interrupt does not end, as Guava's {@code Uninterruptibles}. The interrupt status
 * of the thread is restored after the wait.
 *
 * <p>A wait allocates nothing if its {@link Wait} captures no variable, so that it can run while
 * the heap is full.
 */
public final class UninterruptibleWait {
  /** A time limit that never expires. */
  public static final long FOREVER = Long.MAX_VALUE;

  private UninterruptibleWait() {}

  /**
   * One round of a wait.
   *
   * @param <T> the type of the object that is waited for
   */
  @FunctionalInterface
  public interface Wait<T> {
    /**
     * Blocks until the condition holds, the time is over, or the thread is interrupted. May return
     * earlier.
     *
     * @param target the object that is waited for
     * @param value the argument of {@link UninterruptibleWait#await}
     * @param nanos the remaining nanoseconds; 0 to check the condition without blocking
     * @return whether the condition holds
     * @throws InterruptedException if the thread is interrupted; a round may also leave the
     *     interrupt status set, as a park does
     */
    boolean await(T target, long value, long nanos) throws InterruptedException;
  }

  /**
   * Repeats a wait until its condition holds or the time is over.
   *
   * @param <T> the type of the object that is waited for
   * @param target the object that is waited for
   * @param value a number that the wait needs, such as a number of permits
   * @param nanos the longest wait in nanoseconds, or {@link #FOREVER}
   * @param wait one round of the wait
   * @return false if the time is over and the condition does not hold
   */
  public static <T> boolean await(T target, long value, long nanos, Wait<? super T> wait) {
    long end = nanos == FOREVER ? 0 : System.nanoTime() + nanos;
    long remaining = Math.max(0, nanos);
    boolean interrupted = false;
    try {
      for (; ; ) {
        try {
          if (wait.await(target, value, remaining)) {
            return true;
          }
          if (remaining == 0) {
            return false;
          }
        } catch (InterruptedException e) {
          interrupted = true;
        }
        interrupted |= Thread.interrupted(); // else the next park would return at once
        remaining = nanos == FOREVER ? FOREVER : Math.max(0, end - System.nanoTime());
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
