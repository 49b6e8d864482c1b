package dev.carafe.cache;

import dev.carafe.tier.DirtySource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Saves the dirty values of memory for the file tier. The file is opened before the tiers, whose
 * dirty entries are attached later.
 *
 * <p>Saving calls the application's ticker on the thread of the log maintenance, outside of any
 * operation. {@code close()} throws on that thread, since it would wait for the thread itself
 * (contract M4).
 */
final class FileDirtySource implements DirtySource {
  private final Duration persistWithin;
  private final Gate gate;
  private volatile @Nullable MonotonicClock clock;
  private volatile @Nullable DirtyEntries<?> entries;

  FileDirtySource(Duration bound, Gate gate) {
    this.persistWithin = bound;
    this.gate = gate;
  }

  void attach(DirtyEntries<?> opened, MonotonicClock clock) {
    this.clock = clock;
    this.entries = opened;
  }

  @Override
  public Duration persistWithin() {
    return persistWithin;
  }

  @Override
  public PassResult writeBack(boolean newPass) {
    int[] inside = gate.beginCallback();
    try {
      MonotonicClock attached = clock;
      if (attached != null) {
        attached.checkForStep(); // saved records depend on the lead of the wall clock
      }
      DirtyEntries<?> opened = entries;
      return opened == null ? PassResult.COMPLETE : opened.save(newPass);
    } finally {
      gate.endCallback(inside);
    }
  }
}
