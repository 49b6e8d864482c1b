package dev.carafe.log;

import dev.carafe.base.UninterruptibleWait;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts events: a write completed, or an extent became clean. Threads wait for the next event. Its
 * lock is a leaf in the lock order, so completions may signal it.
 */
public final class EventCount {
  private static final UninterruptibleWait.Wait<EventCount> NEXT_EVENT = EventCount::awaitOnce;

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
   * Waits for an event. An interrupt does not end the wait; the interrupt status is restored.
   *
   * @param seen the result of {@link #version}
   * @param nanos the maximum wait in nanoseconds
   * @return the remaining nanoseconds, 0 or less after a timeout
   */
  public long await(long seen, long nanos) {
    long end = System.nanoTime() + nanos;
    lock.lock();
    try {
      var _ = UninterruptibleWait.await(this, seen, nanos, NEXT_EVENT);
    } finally {
      lock.unlock();
    }
    return end - System.nanoTime();
  }

  /** Under the lock: one round of a wait. */
  private boolean awaitOnce(long seen, long nanos) throws InterruptedException {
    for (long remaining = nanos; version == seen && remaining > 0; ) {
      remaining = changed.awaitNanos(remaining);
    }
    return version != seen;
  }

  /** Waits for an event without a time limit. */
  void await(long seen) {
    var _ = await(seen, UninterruptibleWait.FOREVER);
  }
}
