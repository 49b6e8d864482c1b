package dev.carafe.base;

import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that is held for a microsecond or two: whoever finds it taken looks again for about as
 * long before it parks, since to park and be woken costs ten times that.
 */
public final class BriefLock extends ReentrantLock {
  private static final long serialVersionUID = 1;
  private static final int LOOKS = Runtime.getRuntime().availableProcessors() > 1 ? 100 : 0;

  /** A free lock. */
  public BriefLock() {}

  @Override
  public void lock() {
    for (int look = 0; look < LOOKS; look++) {
      if (tryLock()) {
        return;
      }
      Thread.onSpinWait();
    }
    super.lock();
  }
}
