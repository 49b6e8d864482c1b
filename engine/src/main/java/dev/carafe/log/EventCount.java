package dev.carafe.log;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Something has changed: a write ended, an extent became clean. A leaf in the order of locks, so
 * that completions may signal it.
 */
public final class EventCount {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long version;

  /** Nothing has changed yet. */
  public EventCount() {}

  /**
   * What to wait from: taken before looking at whatever may change.
   *
   * @return the number of changes so far
   */
  public long version() {
    lock.lock();
    try {
      return version;
    } finally {
      lock.unlock();
    }
  }

  /** Wakes all who wait. */
  public void signal() {
    lock.lock();
    try {
      version++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for a change, through interrupts.
   *
   * @param seen what {@link #version} returned
   * @param nanos how long at the most
   * @return how long is left, or 0 or less if the time is up
   */
  public long await(long seen, long nanos) {
    boolean interrupted = false;
    long left = nanos;
    lock.lock();
    try {
      while (version == seen && left > 0) {
        try {
          left = changed.awaitNanos(left);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      return left;
    } finally {
      lock.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits for a change as long as it takes. */
  void await(long seen) {
    while (await(seen, TimeUnit.HOURS.toNanos(1)) <= 0) {
      if (version() != seen) {
        return;
      }
    }
  }
}
