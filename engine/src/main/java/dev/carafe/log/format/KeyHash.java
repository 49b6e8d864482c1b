package dev.carafe.log.format;

/**
 * The cache of a key and the first 96 bits of the key's keyed 128-bit hash, which identify the key
 * in the file. The first word selects the index slot; the check distinguishes keys with the same
 * first word (contract R7).
 *
 * @param first the first word
 * @param check the lower half of the second word
 * @param cache the number of the cache in a file of many caches ({@link CacheNumber}), else 0
 */
public record KeyHash(long first, int check, int cache) {
  /** The hash of a record without a key, which belongs to all caches. */
  public static final KeyHash NONE = new KeyHash(0, 0, CacheNumber.ALL);

  /** The bits of the first word that are kept. Tests reduce them to make first words collide. */
  private static final long FIRST_BITS = Long.getLong("carafe.test.keyHashBits", -1L);

  /**
   * Creates a hash of the two words of a 128-bit hash.
   *
   * @param first the first word
   * @param second the second word
   * @param cache the number of the cache
   * @return the kept bits
   */
  public static KeyHash ofWords(long first, long second, int cache) {
    return new KeyHash(first & FIRST_BITS, (int) second, cache);
  }

  /**
   * Returns the hash of a record that has a number in place of a key.
   *
   * @param number the number
   * @return a hash whose first word is the number
   */
  public static KeyHash ofNumber(long number) {
    return new KeyHash(number, 0, CacheNumber.ALL);
  }

  @Override
  public String toString() {
    String hash = String.format("0x%016x%08x", first, check);
    return cache == CacheNumber.ALL ? hash : hash + " of cache " + cache;
  }
}
