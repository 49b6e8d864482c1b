package dev.carafe.cache;

import dev.carafe.base.ErrorLog;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs the engine's own tasks on the application's executor. If the executor throws, the task runs
 * on the caller, as in Caffeine.
 */
final class ExecutorTasks {
  private final Executor executor;
  private final ErrorLog errors;

  ExecutorTasks(Executor executor, ErrorLog errors) {
    this.executor = executor;
    this.errors = errors;
  }

  ErrorLog errors() {
    return errors;
  }

  /** Runs a task that throws nothing. */
  void run(Runnable task) {
    Once once = new Once(task);
    try {
      executor.execute(once);
    } catch (Throwable t) {
      errors.report("the executor rejected a task; the task runs on the calling thread", t);
      once.run();
    }
  }

  /** Runs a task at most once, since an executor may run the task and throw nevertheless. */
  private static final class Once implements Runnable {
    private final AtomicBoolean begun = new AtomicBoolean();
    private final Runnable task;

    Once(Runnable task) {
      this.task = task;
    }

    @Override
    public void run() {
      if (begun.compareAndSet(false, true)) {
        task.run();
      }
    }
  }
}
