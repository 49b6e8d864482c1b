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
   * Returns whether bytes are the encoded key.
   *
   * @param key the key
   * @param memory holds the bytes
   * @param offset of the bytes in the memory
   * @param length how many bytes there are
   * @return false if another key is encoded so
   */
  boolean matches(K key, MemorySegment memory, long offset, int length);
}
