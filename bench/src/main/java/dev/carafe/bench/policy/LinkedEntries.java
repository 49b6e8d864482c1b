package dev.carafe.bench.policy;

import java.util.Arrays;

/** Three queues of entries, linked by index in arrays: 21 bytes per entry. Not thread-safe. */
final class LinkedEntries {
  static final int NONE = -1;
  static final int WINDOW = 0;
  static final int PROBATION = 1;
  static final int PROTECTED = 2;
  private static final int QUEUES = 3; // slots 0 to 2 are the sentinels of the queues

  private int[] newer = new int[64];
  private int[] older = new int[64];
  private int[] bytes = new int[64];
  private long[] hashes = new long[64];
  private byte[] queue = new byte[64];
  private final long[] queueBytes = new long[QUEUES];
  private int held;

  LinkedEntries() {
    for (int end = 0; end < QUEUES; end++) {
      newer[end] = end;
      older[end] = end;
    }
  }

  /** Adds an entry as the newest of a queue. */
  void add(int entry, long hash, int size, int to) {
    int slot = entry + QUEUES;
    if (slot >= newer.length) {
      grow(Math.max(slot + 1, 2 * newer.length));
    }
    hashes[slot] = hash;
    bytes[slot] = size;
    held++;
    link(slot, to);
  }

  private void grow(int length) {
    newer = Arrays.copyOf(newer, length);
    older = Arrays.copyOf(older, length);
    bytes = Arrays.copyOf(bytes, length);
    hashes = Arrays.copyOf(hashes, length);
    queue = Arrays.copyOf(queue, length);
  }

  /** Makes an entry the newest of a queue. */
  void move(int entry, int to) {
    unlink(entry + QUEUES);
    link(entry + QUEUES, to);
  }

  void remove(int entry) {
    unlink(entry + QUEUES);
    held--;
  }

  private void link(int slot, int to) {
    queue[slot] = (byte) to;
    older[slot] = older[to];
    newer[slot] = to;
    newer[older[to]] = slot;
    older[to] = slot;
    queueBytes[to] += bytes[slot];
  }

  private void unlink(int slot) {
    newer[older[slot]] = newer[slot];
    older[newer[slot]] = older[slot];
    queueBytes[queue[slot]] -= bytes[slot];
  }

  /** The oldest entry of a queue, or NONE. */
  int oldest(int of) {
    return newer[of] < QUEUES ? NONE : newer[of] - QUEUES;
  }

  /** The next newer entry of the same queue, or NONE. */
  int newerThan(int entry) {
    int slot = newer[entry + QUEUES];
    return slot < QUEUES ? NONE : slot - QUEUES;
  }

  int queueOf(int entry) {
    return queue[entry + QUEUES];
  }

  int bytes(int entry) {
    return bytes[entry + QUEUES];
  }

  long hash(int entry) {
    return hashes[entry + QUEUES];
  }

  /** The bytes of a queue. */
  long queueBytes(int of) {
    return queueBytes[of];
  }

  long allBytes() {
    return queueBytes[WINDOW] + queueBytes[PROBATION] + queueBytes[PROTECTED];
  }

  int held() {
    return held;
  }
}
