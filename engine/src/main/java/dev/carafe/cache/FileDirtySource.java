package dev.carafe.cache;

import dev.carafe.tier.DirtySource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Tells the file tier of values that memory has; the file is opened first, the tiers after it.
 *
 * <p>Saving calls the application's ticker on the thread of the log's maintenance, outside of any
 * operation: {@code close()} is refused there, as it would wait for that thread (contract M4).
 */
final class FileDirtySource implements DirtySource {
  private final Duration bound;
  private final Gate gate;
  private volatile @Nullable MonotonicClock timeline;
  private volatile @Nullable DirtyEntries<?> entries;

  FileDirtySource(Duration bound, Gate gate) {
    this.bound = bound;
    this.gate = gate;
  }

  void attach(DirtyEntries<?> opened, MonotonicClock clock) {
    this.timeline = clock;
    this.entries = opened;
  }

  @Override
  public Duration bound() {
    return bound;
  }

  @Override
  public Rest save(boolean fromTheStart) {
    int[] inside = gate.beginCallback();
    try {
      MonotonicClock clock = timeline;
      if (clock != null) {
        clock.checkForStep(); // what is saved says by which clock it ends
      }
      DirtyEntries<?> opened = entries;
      return opened == null ? Rest.NONE : opened.save(fromTheStart);
    } finally {
      gate.endCallback(inside);
    }
  }
}
