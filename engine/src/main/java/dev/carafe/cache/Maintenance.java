package dev.carafe.cache;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Where the index does its maintenance: what a write calls for on the thread that writes, which
 * gives back-pressure; what only reads and the clock call for, the replay of what was read and the
 * removal of what has expired, on the application's executor, so that no reader is held up.
 */
final class Maintenance implements Executor {
  private final Executor executor;
  private final Gate gate;

  /** An array for each thread, since to set and remove a value costs a tenth of a put. */
  private final ThreadLocal<boolean[]> writing = ThreadLocal.withInitial(() -> new boolean[1]);

  private volatile @Nullable Tiers<?> tiers;

  Maintenance(Executor executor, Gate gate) {
    this.executor = executor;
    this.gate = gate;
  }

  /** Says where what it evicts goes on to the file; called once, before anything is evicted. */
  void attach(Tiers<?> tiers) {
    this.tiers = tiers;
  }

  /** This thread writes, until {@link #endWrite}. */
  void beginWrite() {
    writing.get()[0] = true;
  }

  void endWrite() {
    writing.get()[0] = false;
  }

  /** For Caffeine, which asks again if it is left out. */
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
          opened.drain();
        }
      } finally {
        gate.exit(pass);
      }
    }
  }
}
