package dev.carafe.log;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts events: a write completed, or an extent became clean. Threads wait for the next event. Its
 * lock is a leaf in the lock order, so completions may signal it.
 */
public final class EventCount {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long version;

  /** Creates a counter with no events. */
  public EventCount() {}

  /**
   * The number of events so far. Read it before the condition that an event may change.
   *
   * @return the value to pass to {@link #await(long, long)}
   */
  public long version() {
    lock.lock();
    try {
      return version;
    } finally {
      lock.unlock();
    }
  }

  /** Counts an event and wakes all waiting threads. */
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
   * Waits for an event. An interrupt does not end the wait; it is restored afterwards.
   *
   * @param seen the result of {@link #version}
   * @param nanos the maximum wait in nanoseconds
   * @return the remaining nanoseconds, 0 or less after a timeout
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

  /** Waits for an event without a time limit. */
  void await(long seen) {
    while (await(seen, TimeUnit.HOURS.toNanos(1)) <= 0) {
      if (version() != seen) {
        return;
      }
    }
  }
}
