package dev.carafe.cache;

import java.util.concurrent.Executor;

/**
 * The executor of the index's maintenance. Maintenance that a write triggers runs on the writing
 * thread, which provides back-pressure. Maintenance that reads and the clock trigger (the replay of
 * the read buffer and the removal of expired entries) runs on the application's executor, so that
 * it delays no reader.
 */
final class MaintenanceExecutor implements Executor {
  private final Executor executor;
  private final Gate gate;

  /** An array for each thread, since setting and removing the value would cost 10 % of a put. */
  private final ThreadLocal<boolean[]> writing = ThreadLocal.withInitial(() -> new boolean[1]);

  private final Runnable afterMaintenance;

  /**
   * Creates an executor.
   *
   * @param executor the application's executor
   * @param gate of the cache
   * @param afterMaintenance settles the entries that maintenance on that executor has evicted
   */
  MaintenanceExecutor(Executor executor, Gate gate, Runnable afterMaintenance) {
    this.executor = executor;
    this.gate = gate;
    this.afterMaintenance = afterMaintenance;
  }

  /** Marks the current thread as writing until {@link #endWrite}. */
  void beginWrite() {
    writing.get()[0] = true;
  }

  void endWrite() {
    writing.get()[0] = false;
  }

  /**
   * Runs a task of Caffeine. Caffeine submits it again if it was skipped because the cache is
   * closing.
   */
  @Override
  public void execute(Runnable task) {
    if (writing.get()[0]) {
      task.run();
    } else {
      executor.execute(() -> runInside(task));
    }
  }

  private void runInside(Runnable task) {
    int pass = gate.enterUnlessClosed();
    if (pass >= 0) {
      try {
        task.run();
        afterMaintenance.run();
      } finally {
        gate.exit(pass);
      }
    }
  }
}
