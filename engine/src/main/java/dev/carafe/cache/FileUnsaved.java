package dev.carafe.cache;

import dev.carafe.tier.Unsaved;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Tells the file tier of values that memory has; the file is opened first, the tiers after it. */
final class FileUnsaved implements Unsaved {
  private final Duration bound;
  private volatile @Nullable Timeline timeline;
  private volatile @Nullable DirtyEntries<?> entries;

  FileUnsaved(Duration bound) {
    this.bound = bound;
  }

  void of(DirtyEntries<?> opened, Timeline clock) {
    this.timeline = clock;
    this.entries = opened;
  }

  @Override
  public Duration bound() {
    return bound;
  }

  @Override
  public Rest save(boolean fromTheStart) {
    Timeline clock = timeline;
    if (clock != null) {
      clock.look(); // what is saved says by which clock it ends
    }
    DirtyEntries<?> opened = entries;
    return opened == null ? Rest.NONE : opened.save(fromTheStart);
  }
}
