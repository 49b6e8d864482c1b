package dev.carafe.tier;

/** The outcome of a put to the file. */
public enum StoreResult {
  /** The value is appended to the log. */
  STORED,
  /** No extent can hold it. */
  TOO_LARGE,
  /** The log had no room. */
  OVERLOADED,
  /** The file can't be written at the moment. */
  UNAVAILABLE
}
