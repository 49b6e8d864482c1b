package dev.carafe.bench.fork;

/** A repeating sequence of random keys, drawn before the measurement. Used by one thread. */
final class KeySequence {
  private static final int LENGTH = 1 << 20; // a power of two

  private final int[] keys;
  private int at;

  KeySequence(ZipfKeys popularity, long seed) {
    this.keys = popularity.sequence(LENGTH, seed);
  }

  long next() {
    int key = keys[at];
    at = (at + 1) & (LENGTH - 1);
    return key;
  }
}
