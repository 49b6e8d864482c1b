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

/**
 * The threads that transfer for {@link ChannelDevice}. Each task runs once, also while the heap is
 * full or the system refuses threads (contract F5, F6): on the calling thread if it can't be passed
 * on, and by a new thread if a full heap ended the last one.
 *
 * <p>Thread-safe. Proved by {@code TransferPoolTest} and {@code HeapExhaustionTest}.
 */
final class TransferPool implements AutoCloseable {
  private static final int IDLE_SECONDS = 5;
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final UninterruptibleWait.Wait<ExecutorService> TERMINATION =
      (workers, _, nanos) -> workers.awaitTermination(nanos, TimeUnit.NANOSECONDS);

  private final ThreadPoolExecutor workers;

  /**
   * Creates a pool without threads.
   *
   * @param threads the maximum number of threads
   * @param factory creates them; may throw
   */
  TransferPool(int threads, ThreadFactory factory) {
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

  /** A task that may be both in the queue and run by the thread that could not pass it on. */
  private static final class Once extends AtomicBoolean implements Runnable {
    private static final long serialVersionUID = 1;

    private final transient Runnable task;

    Once(Runnable task) {
      this.task = task;
    }

    @Override
    public void run() {
      if (compareAndSet(false, true)) {
        task.run();
      }
    }
  }

  /**
   * Runs a task, on a thread of the pool if possible.
   *
   * @throws RejectedExecutionException if the pool is closed
   */
  void execute(Runnable task) {
    Runnable once = task;
    try {
      Once passed = new Once(task);
      once = passed;
      workers.execute(passed);
    } catch (OutOfMemoryError e) {
      once.run();
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
   * Starts a thread if tasks wait and there is none: the executor tries to replace a thread that an
   * error ended only once.
   */
  private void replaceIfLast() {
    while (!workers.getQueue().isEmpty()) {
      try {
        if (workers.getPoolSize() > 0 || workers.prestartCoreThread()) {
          return;
        }
      } catch (OutOfMemoryError e) {
        // no heap or no thread: try again
      }
      LockSupport.parkNanos(RETRY_NANOS);
    }
  }

  /** Waits for all tasks, and ends the threads. */
  @Override
  public void close() {
    workers.shutdown();
    var _ = UninterruptibleWait.await(workers, 0, UninterruptibleWait.FOREVER, TERMINATION);
  }
}
