package dev.carafe.bench.policy;

import java.util.ArrayDeque;

/**
 * A file tier with keys and sizes: a log that reclaims its oldest records. Reclamation appends a
 * record again once if it was read since it was written, as the engine does. Not thread-safe.
 */
final class SimulatedFile {
  private final long capacityBytes;
  private final ArrayDeque<Appended> log = new ArrayDeque<>();
  private final long[] newest; // by key: the number of its record; 0 if it has none
  private final int[] sizes;
  private final boolean[] read;
  private long appended;
  private long usedBytes;
  private long writtenBytes;

  private record Appended(long number, int key, int bytes) {}

  SimulatedFile(int keyCount, long capacityBytes) {
    this.capacityBytes = capacityBytes;
    newest = new long[keyCount];
    sizes = new int[keyCount];
    read = new boolean[keyCount];
  }

  /** Reads a key. Returns whether the file has it. */
  boolean get(int key) {
    boolean found = newest[key] != 0;
    read[key] |= found;
    return found;
  }

  /** Appends a record, unless the file has the key with the same size. */
  void put(int key, int bytes) {
    if ((newest[key] == 0 || sizes[key] != bytes) && bytes <= capacityBytes) {
      read[key] = false;
      append(key, bytes);
      reclaim();
    }
  }

  /** Returns whether a record of this size would reclaim others. */
  boolean isFullFor(int bytes) {
    return usedBytes + bytes > capacityBytes;
  }

  private void append(int key, int bytes) {
    appended++;
    newest[key] = appended;
    sizes[key] = bytes;
    log.add(new Appended(appended, key, bytes));
    usedBytes += bytes;
    writtenBytes += bytes;
  }

  private void reclaim() {
    while (usedBytes > capacityBytes) {
      Appended oldest = log.remove();
      usedBytes -= oldest.bytes;
      if (newest[oldest.key] == oldest.number) {
        newest[oldest.key] = 0;
        if (read[oldest.key]) {
          read[oldest.key] = false;
          append(oldest.key, oldest.bytes);
        }
      }
    }
  }

  void remove(int key) {
    newest[key] = 0;
  }

  long writtenBytes() {
    return writtenBytes;
  }
}
