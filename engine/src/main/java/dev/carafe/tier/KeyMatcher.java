package dev.carafe.tier;

import java.lang.foreign.MemorySegment;

/**
 * Compares a key with encoded bytes.
 *
 * @param <K> keys
 */
@FunctionalInterface
public interface KeyMatcher<K> {
  /**
   * Returns whether bytes are the encoding of a key.
   *
   * @param key the key
   * @param memory the memory that holds the bytes
   * @param offset the offset of the bytes
   * @param length the number of bytes
   * @return false if they encode another key
   */
  boolean matches(K key, MemorySegment memory, long offset, int length);
}
