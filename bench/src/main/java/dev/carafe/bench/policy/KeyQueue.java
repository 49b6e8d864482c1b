package dev.carafe.bench.policy;

import java.util.Arrays;

/** A doubly linked queue of keys. A key is in it at most once. */
final class KeyQueue {
  static final int NONE = -1;

  private final int[] next; // towards the tail; the last element is the sentinel
  private final int[] previous;
  private final int sentinel;

  KeyQueue(int keyCount) {
    sentinel = keyCount;
    next = new int[keyCount + 1];
    previous = new int[keyCount + 1];
    Arrays.fill(next, NONE);
    Arrays.fill(previous, NONE);
    next[sentinel] = sentinel;
    previous[sentinel] = sentinel;
  }

  boolean contains(int key) {
    return next[key] != NONE;
  }

  void addFirst(int key) {
    next[key] = next[sentinel];
    previous[key] = sentinel;
    previous[next[sentinel]] = key;
    next[sentinel] = key;
  }

  void remove(int key) {
    next[previous[key]] = next[key];
    previous[next[key]] = previous[key];
    next[key] = NONE;
    previous[key] = NONE;
  }

  /** Returns the oldest key, or NONE. */
  int last() {
    return before(sentinel);
  }

  /** Returns the key that was added right after this one, or NONE. */
  int newerThan(int key) {
    return before(key);
  }

  private int before(int key) {
    int found = previous[key];
    return found == sentinel ? NONE : found;
  }
}
