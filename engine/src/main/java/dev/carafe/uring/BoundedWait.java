package dev.carafe.uring;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Waiting with a bound that an interrupt does not cut short. */
final class BoundedWait {
  private BoundedWait() {}

  /** Takes permits; returns false if the time ran out first. */
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
