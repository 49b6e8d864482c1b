package dev.carafe.cache;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

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

  private volatile @Nullable Tiers<?> tiers;

  MaintenanceExecutor(Executor executor, Gate gate) {
    this.executor = executor;
    this.gate = gate;
  }

  /**
   * Sets the tiers whose spill is drained after maintenance. Called once, before the first
   * eviction.
   */
  void attach(Tiers<?> tiers) {
    this.tiers = tiers;
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
        Tiers<?> opened = tiers;
        if (opened != null) {
          opened.writer.drain();
        }
      } finally {
        gate.exit(pass);
      }
    }
  }
}
