package dev.carafe.tier;

/** What became of a value that was to go to the file. */
public enum StoreResult {
  /** It is in the log. */
  STORED,
  /** No extent can hold it. */
  TOO_LARGE,
  /** The file could not follow. */
  OVERLOADED,
  /** The file can't be written now. */
  UNAVAILABLE
}
