package dev.carafe.cache;

import dev.carafe.base.StackReserve;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Counts the operations under way, so that closing can wait for them (contract M4).
 *
 * <p>The counts are striped by thread, 128 bytes apart, so that operations of different threads do
 * not meet in one cache line.
 */
final class Gate {
  private static final int STRIPES = 64;
  private static final int STRIDE = 32;
  private static final long PARK_NANOS = 100_000;

  private final AtomicIntegerArray operationCounts = new AtomicIntegerArray(STRIPES * STRIDE);
  private final AtomicReference<@Nullable Thread> closer = new AtomicReference<>();
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile boolean closed;

  /** How many operations and callbacks of this cache the thread is in; only its own to change. */
  private final ThreadLocal<int[]> depth = ThreadLocal.withInitial(() -> new int[1]);

  /**
   * Begins an operation.
   *
   * @return what {@link #exit} is to be given
   * @throws IllegalStateException if the gate is closed
   */
  int enter() {
    StackReserve.check(
        StackReserve.MEMORY_KIB); // so that the stack does not run out in the middle of a change
    int stripe = enterUnlessClosed();
    if (stripe < 0) {
      throw closedException();
    }
    return stripe;
  }

  /** Begins an operation that may as well be left out; negative if the gate is closed. */
  int enterUnlessClosed() {
    int[] mine = depth.get(); // may throw, and nothing is counted yet
    int stripe = count();
    if (stripe >= 0) {
      mine[0]++;
    }
    return stripe;
  }

  private int count() {
    int stripe = (int) (Thread.currentThread().threadId() & (STRIPES - 1)) * STRIDE;
    operationCounts.getAndIncrement(stripe);
    if (closed) {
      operationCounts.getAndDecrement(stripe);
      return -1;
    }
    return stripe;
  }

  void exit(int stripe) {
    operationCounts.getAndDecrement(stripe);
    depth.get()[0]--;
  }

  /** Begins what another thread ends, by {@link #exitFromOtherThread}; the gate is open. */
  int enterForOtherThread() {
    int stripe = count();
    if (stripe < 0) {
      throw closedException();
    }
    return stripe;
  }

  /** Ends what {@link #enterForOtherThread} began. */
  void exitFromOtherThread(int stripe) {
    operationCounts.getAndDecrement(stripe);
  }

  /**
   * This thread is about to run code of the application's outside of the gate, such as a loader,
   * which closing does not wait for, and which must not close the cache all the same.
   *
   * @return what {@link #endCallback} is to be given
   */
  int[] beginCallback() {
    int[] mine = depth.get();
    mine[0]++;
    return mine;
  }

  void endCallback(int[] mine) {
    mine[0]--;
  }

  /** Whether this thread is in an operation or a callback of this cache. */
  boolean isEnteredByThisThread() {
    return depth.get()[0] != 0;
  }

  /** How many operations are under way, while none begins. */
  int operationCount() {
    int count = 0;
    for (int stripe = 0; stripe < STRIPES; stripe++) {
      count += operationCounts.get(stripe * STRIDE);
    }
    return count;
  }

  void check() {
    if (closed) {
      throw closedException();
    }
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * Lets nobody in any more and waits until all have left. Operations are bounded in time.
   *
   * @return false if someone else closed it; then all that closing does is {@link #markFinished}
   */
  boolean closeAndAwaitOperations() {
    if (!closer.compareAndSet(null, Thread.currentThread())) {
      awaitFinished();
      return false;
    }
    closed = true;
    boolean interrupted = false;
    for (int stripe = 0; stripe < STRIPES; stripe++) {
      while (operationCounts.get(stripe * STRIDE) != 0) {
        LockSupport.parkNanos(this, PARK_NANOS);
        interrupted |= Thread.interrupted(); // else it would not park again
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return true;
  }

  /** All that closing does is done. */
  void markFinished() {
    finished.countDown();
  }

  /** Not for the thread that is closing: what it calls may close again. */
  private void awaitFinished() {
    boolean interrupted = false;
    while (finished.getCount() > 0 && closer.get() != Thread.currentThread()) {
      try {
        finished.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static IllegalStateException closedException() {
    return new IllegalStateException("the cache is closed");
  }
}
