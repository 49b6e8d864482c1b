package dev.carafe.tier;

/** The result of a put to the file tier. */
public enum StoreResult {
  /** The value is appended to the log. */
  STORED,
  /** The value does not fit into an extent. */
  TOO_LARGE,
  /** No extent is free. */
  OVERLOADED,
  /** The file can't be written now. */
  UNAVAILABLE,
  /** The write budget is used up. */
  OVER_BUDGET,
  /** The file keeps all records, and has no room for another. */
  FULL
}
