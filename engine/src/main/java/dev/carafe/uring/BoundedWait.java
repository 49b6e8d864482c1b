package dev.carafe.uring;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Waits with a time limit. An interrupt does not end the wait; the thread's interrupt status is
 * restored.
 */
final class BoundedWait {
  private BoundedWait() {}

  /** Acquires permits; returns false if the time limit expires first. */
  static boolean acquire(Semaphore permits, int count, long nanos) {
    long end = System.nanoTime() + nanos;
    boolean interrupted = false;
    try {
      for (; ; ) {
        try {
          return permits.tryAcquire(count, end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
