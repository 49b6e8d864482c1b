package dev.carafe.cache;

import dev.carafe.base.StackReserve;
import dev.carafe.base.UninterruptibleWait;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Counts the operations under way, so that {@code close()} can wait for them (contract M4).
 *
 * <p>The counts are striped by thread, 128 bytes apart, so that operations of different threads do
 * not share a cache line.
 */
final class Gate {
  private static final int STRIPES = 64;
  private static final int STRIDE = 32;
  private static final long PARK_NANOS = 100_000;

  private static final UninterruptibleWait.Wait<Gate> OPERATIONS =
      (gate, stripe, _) -> gate.parkWhileUsed(stripe);
  private static final UninterruptibleWait.Wait<CountDownLatch> FINISHED =
      (latch, _, nanos) -> latch.await(nanos, TimeUnit.NANOSECONDS);

  private final AtomicIntegerArray operationCounts = new AtomicIntegerArray(STRIPES * STRIDE);
  private final AtomicReference<@Nullable Thread> closer = new AtomicReference<>();
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile boolean closed;

  /**
   * The number of operations and callbacks of this cache that the thread is in. Only that thread
   * changes it.
   */
  private final ThreadLocal<int[]> depth = ThreadLocal.withInitial(() -> new int[1]);

  /**
   * Begins an operation.
   *
   * @return the argument of {@link #exit}
   * @throws IllegalStateException if the gate is closed
   */
  int enter() {
    StackReserve.check(
        StackReserve.MEMORY_KIB); // so that the stack does not overflow during a change
    int stripe = enterUnlessClosed();
    if (stripe < 0) {
      throw closedException();
    }
    return stripe;
  }

  /**
   * Begins an optional operation, which the caller skips if the gate is closed; negative in that
   * case.
   */
  int enterUnlessClosed() {
    int[] mine = depth.get(); // first, since it may throw
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

  /**
   * Begins an operation that another thread ends by {@link #exitFromOtherThread}. The gate is open.
   */
  int enterForOtherThread() {
    int stripe = count();
    if (stripe < 0) {
      throw closedException();
    }
    return stripe;
  }

  /** Ends an operation that {@link #enterForOtherThread} began. */
  void exitFromOtherThread(int stripe) {
    operationCounts.getAndDecrement(stripe);
  }

  /**
   * Begins a callback of the application outside of the gate, such as a loader. {@code close()}
   * does not wait for it, and throws if the callback calls it.
   *
   * @return the argument of {@link #endCallback}
   */
  int[] beginCallback() {
    int[] mine = depth.get();
    mine[0]++;
    return mine;
  }

  void endCallback(int[] mine) {
    mine[0]--;
  }

  /** Returns whether the current thread is in an operation or a callback of this cache. */
  boolean isEnteredByThisThread() {
    return depth.get()[0] != 0;
  }

  /** Returns the number of operations under way. Exact only while no operation begins. */
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
   * Closes the gate and waits until all operations have ended. Operations are bounded in time.
   *
   * @return false if another call closed the gate; closing is then {@linkplain #markFinished
   *     finished}
   */
  boolean closeAndAwaitOperations() {
    if (!closer.compareAndSet(null, Thread.currentThread())) {
      awaitFinished();
      return false;
    }
    closed = true;
    return awaitOperations(UninterruptibleWait.FOREVER);
  }

  /**
   * Waits until all operations have ended that are under way.
   *
   * @param nanos the longest wait for those of a stripe
   * @return false if one has not ended
   */
  boolean awaitOperations(long nanos) {
    boolean ended = true;
    for (int stripe = 0; stripe < STRIPES; stripe++) {
      ended &= UninterruptibleWait.await(this, stripe, nanos, OPERATIONS);
    }
    return ended;
  }

  private boolean parkWhileUsed(long stripe) {
    int index = (int) stripe * STRIDE;
    if (operationCounts.get(index) == 0) {
      return true;
    }
    LockSupport.parkNanos(this, PARK_NANOS);
    return operationCounts.get(index) == 0;
  }

  /** Reports that closing has finished. */
  void markFinished() {
    finished.countDown();
  }

  /**
   * Waits until the other call has finished. Returns at once on the thread that is closing, since
   * code that it calls may call {@code close()} again.
   */
  private void awaitFinished() {
    if (closer.get() != Thread.currentThread()) {
      var _ = UninterruptibleWait.await(finished, 0, UninterruptibleWait.FOREVER, FINISHED);
    }
  }

  private static IllegalStateException closedException() {
    return new IllegalStateException("the cache is closed");
  }
}
