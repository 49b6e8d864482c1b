package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.Scheduler;
import dev.carafe.spi.Timing;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Removes expired records from the file's oldest extents every {@value #SWEEP_SECONDS} s, if the
 * application has configured a scheduler. The removal of expired entries from memory is scheduled
 * by the Caffeine index.
 */
final class ExpirySweep {
  private static final long SWEEP_SECONDS = 60;

  private final @Nullable Scheduler scheduler;
  private volatile @Nullable Future<?> next;

  ExpirySweep(Timing timing) {
    this.scheduler = timing.scheduler();
  }

  /** Schedules the first sweep. The cache is open. */
  void start(CacheContext<?, ?> opened) {
    if (scheduler != null
        && opened.tiers().storage.file != null
        && opened.writes().expiration().isOn()) {
      scheduleSweep(scheduler, opened);
    }
  }

  private void scheduleSweep(Scheduler from, CacheContext<?, ?> opened) {
    next = from.schedule(Runnable::run, () -> sweep(from, opened), SWEEP_SECONDS, TimeUnit.SECONDS);
  }

  private void sweep(Scheduler from, CacheContext<?, ?> opened) {
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
