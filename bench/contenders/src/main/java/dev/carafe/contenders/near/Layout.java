package dev.carafe.contenders.near;

/** How the server keeps the values. */
public enum Layout {
  /** A string for each value. */
  STRINGS,
  /** One hash with a field for each value. */
  HASH
}
