package dev.carafe.tier;

import dev.carafe.base.Counter;

/** The counters of the entries of the memory tier. Thread-safe. */
public final class MemoryCounters {
  final Counter valueBytes = new Counter();
  final Counter cleanCount = new Counter();
  final Counter tooLargeCount = new Counter();

  MemoryCounters() {}

  /** Counts an entry whose chunk is retired. */
  void remove(Entry entry, int bytes) {
    valueBytes.add(-bytes);
    if (entry.isClean()) {
      cleanCount.decrement();
    }
    if (entry.isTooLarge()) {
      tooLargeCount.decrement();
    }
  }

  /** {@return the bytes of the values, without keys, headers and rounding} */
  public long valueBytes() {
    return valueBytes.sum();
  }

  /** {@return the number of entries whose value the file has too} */
  public long cleanCount() {
    return cleanCount.sum();
  }

  /** {@return the number of entries whose value the file refused as too large} */
  public long tooLargeCount() {
    return tooLargeCount.sum();
  }
}
