package dev.carafe.contenders;

import java.util.Map;

/**
 * An open cache or store, reduced to what a benchmark asks of it. Safe for use by many threads. An
 * implementation adds nothing that its users would not have to write too: it boxes a key where the
 * library takes objects, and copies a value where the caller keeps the array.
 */
public interface Store extends AutoCloseable {
  /** What {@link #get} and {@link #visit} answer where there is no value. */
  int MISS = -1;

  /**
   * Copies a value into the caller's array.
   *
   * @param key the key
   * @param into where the value goes, from 0 on; as long as the longest value
   * @return the value's length in bytes, or {@link #MISS}
   */
  int get(long key, byte[] into);

  /**
   * Looks at a value where it lies, without a copy, and reads its first byte.
   *
   * @param key the key
   * @return the value's length in bytes, or {@link #MISS}
   * @throws UnsupportedOperationException unless the contender has {@link Trait#VISITS}
   */
  default int visit(long key) {
    throw new UnsupportedOperationException("it shows values only as copies");
  }

  /**
   * Stores a value; the array stays the caller's.
   *
   * @param key the key
   * @param value holds the value, from 0 on
   * @param length its length in bytes
   */
  void put(long key, byte[] value, int length);

  /**
   * Removes a value, if there is one.
   *
   * @param key the key
   */
  void remove(long key);

  /** Makes what was stored survive as far as the library offers it; else does nothing. */
  default void flush() {}

  /**
   * How many entries it holds, as far as it knows.
   *
   * @return a count, maybe an estimate, or -1
   */
  long entries();

  /**
   * What it counts itself: {@code hits.memory}, {@code hits.file} and the like.
   *
   * @return name to count, empty where nothing is counted
   */
  default Map<String, Long> counters() {
    return Map.of();
  }

  /** Closes it the orderly way. */
  @Override
  void close();
}
