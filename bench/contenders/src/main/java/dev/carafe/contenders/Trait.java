package dev.carafe.contenders;

/** What a contender is, and what it can do. */
public enum Trait {
  /** Values are objects on the heap. */
  HEAP,
  /** Values lie outside the heap. */
  OFF_HEAP,
  /** It keeps to its budget by dropping values; without it, everything has to fit. */
  EVICTS,
  /** Values that memory has no room for are in a file. */
  FILE,
  /** An orderly close keeps the values. */
  PERSISTS,
  /** It reads its file past the page cache. */
  DIRECT_IO,
  /** It maps its file, so that its memory and the page cache are one. */
  MAPPED,
  /** {@link Store#visit} shows a value without a copy. */
  VISITS
}
