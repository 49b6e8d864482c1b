package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.Scheduler;
import dev.carafe.spi.Timing;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Removes what has expired promptly, where the application gave a scheduler: Caffeine's index
 * schedules its own maintenance, after which the spill is settled; the file's oldest extents are
 * looked at now and then.
 */
final class Prompt {
  private static final long SWEEP_SECONDS = 60;

  private final @Nullable Scheduler scheduler;
  private final Timing timing;
  private volatile @Nullable Parts<?, ?> parts;
  private volatile @Nullable Future<?> next;

  Prompt(Timing timing) {
    this.timing = timing;
    this.scheduler = timing.scheduler();
  }

  /** For Caffeine: what it schedules is followed by the spill. */
  Timing timing() {
    Scheduler from = scheduler;
    if (from == null) {
      return timing;
    }
    Scheduler followed =
        (executor, command, delay, unit) ->
            from.schedule(
                executor,
                () -> {
                  command.run();
                  settle();
                },
                delay,
                unit);
    return new Timing(timing.expiry(), timing.refreshAfterWrite(), timing.ticker(), followed);
  }

  private void settle() {
    Parts<?, ?> opened = parts;
    if (opened != null) {
      opened.writes().settle();
    }
  }

  /** The cache is open. */
  void start(Parts<?, ?> opened) {
    parts = opened;
    if (scheduler != null && opened.tiers().file != null && opened.writes().expiration().isOn()) {
      scheduleSweep(scheduler, opened);
    }
  }

  private void scheduleSweep(Scheduler from, Parts<?, ?> opened) {
    next = from.schedule(Runnable::run, () -> sweep(from, opened), SWEEP_SECONDS, TimeUnit.SECONDS);
  }

  private void sweep(Scheduler from, Parts<?, ?> opened) {
    int pass = opened.gate().enterUnlessClosed();
    if (pass >= 0) {
      try {
        opened.sweep();
      } finally {
        opened.gate().exit(pass);
      }
      scheduleSweep(from, opened);
    }
  }

  void stop() {
    Future<?> scheduled = next;
    if (scheduled != null) {
      scheduled.cancel(false);
    }
  }
}
