package dev.carafe.log.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The numbers of the caches in a file. In a file of many caches each encoded key begins with the
 * number of its cache, in four bytes. The keys of a file of one cache have no such prefix.
 */
public final class CacheNumber {
  /** All caches of a file, and the only cache of a file of one. */
  public static final int ALL = 0;

  /** No cache. */
  public static final int NONE = -1;

  /** The cache that holds the names of the other caches. Its records are always reinserted. */
  public static final int NAMES = 1;

  /** The limit of the numbers. */
  public static final int LIMIT = 1 << 16;

  /** The length of the prefix of a key. */
  public static final int PREFIX_BYTES = Integer.BYTES;

  private static final ValueLayout.OfInt PREFIX =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private CacheNumber() {}

  /**
   * Reads the prefix of a key.
   *
   * @param key an encoded key of a file of many caches
   * @return the number of its cache; ALL if it does not begin with a number
   */
  public static int of(MemorySegment key) {
    int cache = key.byteSize() < PREFIX_BYTES ? ALL : key.get(PREFIX, 0);
    return isPossible(cache) ? cache : ALL;
  }

  /**
   * Reads the prefix of a key that has one.
   *
   * @param memory holds the encoded key
   * @param offset of the key in the memory
   * @return the number of its cache
   */
  public static int at(MemorySegment memory, long offset) {
    return memory.get(PREFIX, offset);
  }

  /**
   * Returns the prefix of a key that has one.
   *
   * @param word the first eight bytes of the key, in the byte order of the machine
   * @return the number of its cache
   */
  public static int ofWord(long word) {
    return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
        ? (int) word
        : Integer.reverseBytes((int) (word >>> Integer.SIZE));
  }

  /**
   * Whether a cache can have a number.
   *
   * @param cache the number
   * @return true from 0 to {@link #LIMIT} - 1
   */
  public static boolean isPossible(int cache) {
    return cache >= 0 && cache < LIMIT;
  }

  /**
   * Writes the prefix of a key.
   *
   * @param key receives the prefix in its first bytes
   * @param cache the number of its cache
   */
  public static void write(MemorySegment key, int cache) {
    key.set(PREFIX, 0, cache);
  }
}
