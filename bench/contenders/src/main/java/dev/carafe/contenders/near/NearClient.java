package dev.carafe.contenders.near;

import org.jspecify.annotations.Nullable;

/** A client of a Redis server, with or without a near cache. Used by one thread. */
public interface NearClient extends AutoCloseable {
  /**
   * Returns the name of a key at the server.
   *
   * @param key the number of the key
   * @return its name
   */
  static String name(long key) {
    return "value:" + key;
  }

  /**
   * Reads a value, from the near cache if it has the value.
   *
   * @param key the number of the key
   * @return the value, or null if the server has none
   */
  byte @Nullable [] get(long key);

  /**
   * Reads a value from the server, past the near cache.
   *
   * @param key the number of the key
   * @return the value, or null if the server has none
   */
  byte @Nullable [] getFromServer(long key);

  /**
   * Writes a value to the server.
   *
   * @param key the number of the key
   * @param value the value, which is not changed afterwards
   */
  void put(long key, byte[] value);

  /**
   * Fills a near cache that has room for all values; the others do nothing.
   *
   * @param keys the number of keys
   */
  default void preload(int keys) {}

  /**
   * Returns how many reads were answered without the server.
   *
   * @return the number since the opening
   */
  default long nearHits() {
    return 0;
  }

  /**
   * Returns how many reads were answered by a value of an earlier process, after the server
   * confirmed that it has the same.
   *
   * @return the number since the opening
   */
  default long confirmedHits() {
    return 0;
  }

  @Override
  void close();
}
