package dev.carafe.contenders;

/** A property of a contender. */
public enum Trait {
  /** Stores values as objects on the heap. */
  HEAP,
  /** Stores values outside the heap. */
  OFF_HEAP,
  /** Evicts entries to stay within the memory budget. */
  EVICTS,
  /** Stores values that exceed memory in a file. */
  FILE,
  /** Keeps its entries over a clean close. */
  PERSISTS,
  /** Reads its file with O_DIRECT. */
  DIRECT_IO,
  /** Maps its file, so that its memory is page cache. */
  MAPPED,
  /** Supports {@link Store#visit}. */
  VISITS
}
