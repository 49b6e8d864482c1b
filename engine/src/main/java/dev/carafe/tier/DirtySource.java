package dev.carafe.tier;

import java.time.Duration;

/** The values that only memory has and that must be written within a bound (contract D6). */
public interface DirtySource {
  /** No dirty values and no bound. */
  DirtySource NONE =
      new DirtySource() {
        @Override
        public Duration persistWithin() {
          return Duration.ofDays(365_000);
        }

        @Override
        public PassResult writeBack(boolean newPass) {
          return PassResult.COMPLETE;
        }
      };

  /** Which dirty values a pass left. */
  enum PassResult {
    /** None. */
    COMPLETE,
    /** Only values that were put after the pass before began. */
    NEWER_LEFT,
    /** Values whose keys were locked; the caller tries again soon. */
    LOCKED_LEFT,
    /** Values for which the log has no room at the moment. */
    NO_ROOM
  }

  /**
   * Returns how long a change may be in memory only.
   *
   * @return a positive duration
   */
  Duration persistWithin();

  /**
   * Appends the values that were dirty when the last pass began. Does not wait for the file or for
   * a lock. One thread at a time may call this.
   *
   * @param newPass true to begin a new pass, false to continue with the values that the last one
   *     left
   * @return which dirty values are left
   */
  PassResult writeBack(boolean newPass);
}
