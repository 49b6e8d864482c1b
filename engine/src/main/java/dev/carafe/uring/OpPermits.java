package dev.carafe.uring;

import java.util.concurrent.Semaphore;

/**
 * Bounds the operations in flight (contract B3): each has a permit from its submission until its
 * callback has run. A callback may use the permit of its completed operation for another one.
 */
final class OpPermits {
  private final int max;
  private final Semaphore permits;
  private volatile boolean closed;

  /** Permits of completed operations that are not released yet. Only the reaper uses it. */
  private int freed;

  OpPermits(int max) {
    this.max = max;
    this.permits = new Semaphore(max);
  }

  /** Waits for a permit. */
  void acquire() {
    permits.acquireUninterruptibly();
    if (closed) {
      permits.release();
      throw new IllegalStateException("the device is closed");
    }
  }

  /**
   * Waits for one permit and takes free ones up to {@code most}: a large batch makes progress with
   * any number of free permits.
   */
  int acquireUpTo(int most) {
    acquire();
    int count = 1;
    while (count < most && permits.tryAcquire()) {
      count++;
    }
    return count;
  }

  /**
   * Takes a permit without waiting, for a callback: it may start one operation for each completed
   * one.
   */
  void takeFreed() {
    if (freed > 0) {
      freed--;
    } else if (!permits.tryAcquire()) {
      throw new IllegalStateException(
          "a callback may start only one operation for each completed one");
    }
  }

  /** Releases the permit of an operation that was not submitted. */
  void release() {
    permits.release();
  }

  /** Makes the permits of completed operations available to their callbacks. */
  void addFreed(int count) {
    freed += count;
  }

  /** Releases the permits that the callbacks have not used. */
  void releaseFreed() {
    int free = freed;
    freed = 0;
    permits.release(free);
  }

  boolean isClosed() {
    return closed;
  }

  /** Refuses callers from now on, those that wait for a permit included. */
  void close() {
    closed = true;
  }

  /** Waits until no operation is in flight; returns false if the time limit expires first. */
  boolean awaitAll(long nanos) {
    boolean all = BoundedWait.acquire(permits, max, nanos);
    if (all) {
      permits.release(max); // waiting callers then find the ring closed
    }
    return all;
  }
}
