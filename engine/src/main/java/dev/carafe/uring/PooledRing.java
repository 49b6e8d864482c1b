package dev.carafe.uring;

import java.util.ArrayList;
import java.util.List;

/**
 * A small ring that one platform thread at a time owns. The thread submits and waits in one system
 * call, and the kernel wakes only this thread when its operations complete.
 */
final class PooledRing implements AutoCloseable {
  /** User data that no operation has: slots count from 0. */
  private static final long NO_USER_DATA = -1;

  /**
   * The number of consecutive failures of {@link #enterAndReap}, such as OutOfMemoryError, before
   * it throws.
   */
  private static final int ATTEMPTS = 1000;

  private final KernelRing ring;
  private final List<RingOp> ended;
  private int completedCount;
  private int failedAttempts;

  PooledRing(KernelRing ring) {
    this.ring = ring;
    this.ended = new ArrayList<>(ring.entries()); // never grows
  }

  /** Runs operations, as many at once as the ring holds, and returns when all have completed. */
  void run(List<? extends RingOp> ops) {
    int next = 0;
    while (next < ops.size() || ring.inFlight() > 0) {
      while (next < ops.size() && ring.inFlight() + ended.size() < ring.entries()) {
        ring.prepare(ops.get(next++), ended);
      }
      int inFlight = ring.inFlight();
      enterAndReap(next == ops.size() ? inFlight : Math.max(1, inFlight / 2));
    }
  }

  /** Runs one operation. */
  void run(RingOp op) {
    ring.prepare(op, ended);
    do {
      enterAndReap(1);
    } while (ring.inFlight() > 0);
  }

  long memoryBytes() {
    return ring.memoryBytes();
  }

  boolean isIdle() {
    return ring.inFlight() == 0;
  }

  KernelRing ring() {
    return ring;
  }

  /**
   * Catches failures and returns, so that the caller keeps waiting: the kernel still uses the
   * operations' memory. Throws after {@link #ATTEMPTS} consecutive failures.
   */
  private void enterAndReap(int wanted) {
    try {
      int refusal = ring.inFlight() == 0 ? 0 : ring.enter(wanted);
      if (refusal != 0) {
        var _ = ring.withdraw(refusal, ended, NO_USER_DATA);
      }
      var _ = ring.reap(ended, NO_USER_DATA);
      failedAttempts = 0;
    } catch (RuntimeException | Error e) {
      if (++failedAttempts == ATTEMPTS) {
        throw e;
      }
      KernelRing.pause();
    } finally {
      completeOps();
    }
  }

  private void completeOps() {
    while (completedCount < ended.size()) {
      ended.get(completedCount++).end();
    }
    completedCount = 0;
    ended.clear();
  }

  @Override
  public void close() {
    ring.close();
  }
}
