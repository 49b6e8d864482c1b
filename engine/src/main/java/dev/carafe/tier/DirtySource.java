package dev.carafe.tier;

import java.time.Duration;

/** The dirty values of memory, which must be written to the file within a bound (contract D6). */
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

  /** The dirty values that a pass has left. */
  enum PassResult {
    /** None. */
    COMPLETE,
    /** Only values that were put after the previous pass began. */
    NEWER_LEFT,
    /** Values whose keys were locked. The caller continues the pass within 10 ms. */
    LOCKED_LEFT,
    /** Values for which the log has no room. The caller continues the pass within 10 ms. */
    NO_ROOM
  }

  /**
   * Returns the maximum time that a change may be in memory only.
   *
   * @return a positive duration
   */
  Duration persistWithin();

  /**
   * Appends the values that were dirty when the previous pass began. Does not wait for the file or
   * for a lock. One thread at a time may call this.
   *
   * @param newPass true to begin a pass, false to continue the last one
   * @return the dirty values that are left
   */
  PassResult writeBack(boolean newPass);
}
