package dev.carafe.uring;

import dev.carafe.base.UninterruptibleWait;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Waits for permits with a time limit. An interrupt does not end the wait; the interrupt status of
 * the thread is restored.
 */
final class BoundedWait {
  private static final UninterruptibleWait.Wait<Semaphore> ACQUIRE =
      (permits, count, nanos) -> permits.tryAcquire((int) count, nanos, TimeUnit.NANOSECONDS);

  private BoundedWait() {}

  /** Acquires permits; returns false if the time limit expires first. */
  static boolean acquire(Semaphore permits, int count, long nanos) {
    return UninterruptibleWait.await(permits, count, nanos, ACQUIRE);
  }
}
