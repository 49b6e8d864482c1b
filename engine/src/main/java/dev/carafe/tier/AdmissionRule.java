package dev.carafe.tier;

/**
 * A rule that says which evicted values a full file admits. A file that is not full admits all. A
 * key is used when it is looked up in the file, and when memory evicts its value and has answered
 * reads of it.
 */
public enum AdmissionRule {
  /** Each value is admitted. */
  ALL {
    @Override
    boolean admits(int uses, int usesOfOldest) {
      return true;
    }
  },
  /** A value is admitted if its key was used twice. */
  TWICE {
    @Override
    boolean admits(int uses, int usesOfOldest) {
      return uses >= 2;
    }
  },
  /** A value is admitted if its key was used three times. */
  THREE_TIMES {
    @Override
    boolean admits(int uses, int usesOfOldest) {
      return uses >= 3;
    }
  },
  /** A value is admitted if its key was used more often than that of the file's oldest record. */
  MORE_FREQUENT {
    @Override
    boolean admits(int uses, int usesOfOldest) {
      return uses > usesOfOldest;
    }
  };

  /**
   * Returns whether a value is admitted to a full file.
   *
   * @param uses of the value's key
   * @param usesOfOldest of the key of the oldest record
   */
  abstract boolean admits(int uses, int usesOfOldest);
}
