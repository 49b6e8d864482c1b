package dev.carafe.device;

import dev.carafe.base.UninterruptibleWait;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The threads of {@link ChannelDevice}. Each transfer runs once, even if the heap is full or the
 * system refuses to create a thread (contract F5, F6). If no thread can take a transfer, the
 * calling thread runs it. A new thread replaces the last one if an error ended it.
 *
 * <p>Thread-safe. Proved by {@code TransferPoolTest} and {@code HeapExhaustionTest}.
 *
 * @param <T> a transfer
 */
final class TransferPool<T> implements AutoCloseable {
  private static final int IDLE_SECONDS = 5;
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final UninterruptibleWait.Wait<ExecutorService> TERMINATION =
      (workers, _, nanos) -> workers.awaitTermination(nanos, TimeUnit.NANOSECONDS);

  private final ThreadPoolExecutor workers;
  private final Consumer<T> transfer;

  /**
   * Creates a pool without threads.
   *
   * @param threads the maximum number of threads
   * @param factory creates them; may throw
   * @param transfer runs a transfer
   */
  TransferPool(int threads, ThreadFactory factory, Consumer<T> transfer) {
    this.transfer = transfer;
    this.workers =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            worker -> factory.newThread(() -> run(worker)));
    workers.allowCoreThreadTimeOut(true);
  }

  /** A transfer that may be in the queue although the calling thread runs it. */
  private final class Once implements Runnable {
    private final T item;
    private final AtomicBoolean started = new AtomicBoolean();

    Once(T item) {
      this.item = item;
    }

    @Override
    public void run() {
      if (started.compareAndSet(false, true)) {
        transfer.accept(item);
      }
    }
  }

  /**
   * Runs a transfer, on a thread of the pool if possible. Only this method handles a full heap at
   * the hand-over.
   *
   * @throws RejectedExecutionException if the pool is closed
   */
  void execute(T item) {
    Once once = null;
    try {
      once = new Once(item);
      workers.execute(once);
    } catch (OutOfMemoryError e) {
      if (once == null) {
        transfer.accept(item);
      } else {
        once.run();
      }
    }
  }

  private void run(Runnable worker) {
    try {
      worker.run();
    } finally {
      replaceIfLast();
    }
  }

  /**
   * Starts a thread if the queue has transfers and the pool has no thread. The executor itself
   * tries only once to replace a thread that an error ended.
   */
  private void replaceIfLast() {
    while (!workers.getQueue().isEmpty()) {
      try {
        if (workers.getPoolSize() > 0 || workers.prestartCoreThread()) {
          return;
        }
      } catch (OutOfMemoryError e) {
        // the heap is full or the system refused the thread: try again
      }
      LockSupport.parkNanos(RETRY_NANOS);
    }
  }

  /** Waits for all transfers, and ends the threads. */
  @Override
  public void close() {
    workers.shutdown();
    var _ = UninterruptibleWait.await(workers, 0, UninterruptibleWait.FOREVER, TERMINATION);
  }
}
