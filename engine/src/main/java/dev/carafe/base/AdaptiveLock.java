package dev.carafe.base;

import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that is held for a microsecond or two: whoever finds it taken looks again for about as
 * long before it parks, since to park and be woken costs ten times that.
 *
 * <p>It guards the log and its index. A StackOverflowError must not stop a change of them half-way,
 * so the lock is not taken unless {@link StackReserve#LOG_KIB} of stack are left (contract F5).
 */
public final class AdaptiveLock extends ReentrantLock {
  private static final long serialVersionUID = 1;
  private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 100 : 0;

  /** A free lock. */
  public AdaptiveLock() {}

  /**
   * Takes the lock.
   *
   * @throws StackOverflowError if the stack that is left may not do for the change
   */
  @Override
  public void lock() {
    StackReserve.check(StackReserve.LOG_KIB);
    for (int spin = 0; spin < SPINS; spin++) {
      if (tryLock()) {
        return;
      }
      Thread.onSpinWait();
    }
    super.lock();
  }
}
