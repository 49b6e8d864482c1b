package dev.carafe.cache;

import dev.carafe.base.ErrorLog;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The engine's own tasks on the application's executor. A task that the executor does not take,
 * whatever it throws, runs on the caller, as Caffeine does.
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
      errors.report("the executor refused a task, which runs on the caller", t);
      once.run();
    }
  }

  /** An executor may run the task and throw all the same. */
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
