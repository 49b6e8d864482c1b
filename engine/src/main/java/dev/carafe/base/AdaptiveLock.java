package dev.carafe.base;

import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock for critical sections of one or two microseconds. A thread that finds it taken spins for
 * about that time before it parks, because parking and waking cost ten times as much.
 *
 * <p>It guards the log and its index. A StackOverflowError must not interrupt a change of them, so
 * {@link #lock} first checks that {@link StackReserve#LOG_KIB} of stack are left (contract F5).
 */
public final class AdaptiveLock extends ReentrantLock {
  private static final long serialVersionUID = 1;
  private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 100 : 0;

  /** Creates a lock that is not held. */
  public AdaptiveLock() {}

  /**
   * Acquires the lock.
   *
   * @throws StackOverflowError if less than {@link StackReserve#LOG_KIB} of stack is left
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
