package dev.carafe.tier;

import java.time.Duration;

/** Values that only memory has and the file is to have within a bound of time (contract D6). */
public interface DirtySource {
  /** A cache that writes nothing before it must. */
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

  /** What a pass over the unsaved values left. */
  enum PassResult {
    /** Nothing. */
    COMPLETE,
    /** Only values that came since the pass before. */
    NEWER_LEFT,
    /** Values whose keys were locked, to be tried again soon. */
    LOCKED_LEFT,
    /** Values for which the file has no room at the moment. */
    NO_ROOM
  }

  /**
   * How long a change may be in memory only.
   *
   * @return a positive duration
   */
  Duration persistWithin();

  /**
   * Writes the values that were unsaved when the last pass began, without waiting for the file or
   * for a lock. One thread at a time.
   *
   * @param newPass whether to begin a new pass, or to go on with what the last one left
   * @return what is left
   */
  PassResult writeBack(boolean newPass);
}
