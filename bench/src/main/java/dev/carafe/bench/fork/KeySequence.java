package dev.carafe.bench.fork;

import dev.carafe.bench.Zipf;

/** A repeating sequence of random keys, drawn before the measurement. Used by one thread. */
final class KeySequence {
  private static final int LENGTH = 1 << 20; // a power of two

  private final int[] keys;
  private int at;

  KeySequence(Zipf popularity, long seed) {
    this.keys = popularity.keys(LENGTH, seed);
  }

  long next() {
    int key = keys[at];
    at = (at + 1) & (LENGTH - 1);
    return key;
  }
}
