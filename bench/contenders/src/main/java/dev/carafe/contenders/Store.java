package dev.carafe.contenders;

import java.util.Map;

/**
 * The operations of a cache or store that the benchmarks use. Thread-safe. An implementation
 * contains only code that an application would also need: it boxes keys if the library takes
 * objects, and copies values if the caller keeps the array.
 */
public interface Store extends AutoCloseable {
  /** The result of {@link #get} and {@link #visit} for a missing key. */
  int MISS = -1;

  /**
   * Copies a value into the caller's array.
   *
   * @param key the key
   * @param into the target, at least as long as the longest value
   * @return the value's length in bytes, or {@link #MISS}
   */
  int get(long key, byte[] into);

  /**
   * Accesses a value without a copy and reads its first byte.
   *
   * @param key the key
   * @return the value's length in bytes, or {@link #MISS}
   * @throws UnsupportedOperationException unless the contender has {@link Trait#VISITS}
   */
  default int visit(long key) {
    throw new UnsupportedOperationException("this store returns copies only");
  }

  /**
   * Stores a copy of a value.
   *
   * @param key the key
   * @param value an array that starts with the value
   * @param length the length of the value in bytes
   */
  void put(long key, byte[] value, int length);

  /**
   * Removes a key. Does nothing if the key is missing.
   *
   * @param key the key
   */
  void remove(long key);

  /** Makes earlier writes durable, if the library has an operation for it. */
  default void flush() {}

  /**
   * Returns the number of entries.
   *
   * @return the number or an estimate, -1 if unknown
   */
  long entries();

  /**
   * Returns counters of the library, such as {@code hits.memory} and {@code hits.file}.
   *
   * @return the counters by name, empty if there are none
   */
  default Map<String, Long> counters() {
    return Map.of();
  }

  /** Closes the store cleanly. */
  @Override
  void close();
}
