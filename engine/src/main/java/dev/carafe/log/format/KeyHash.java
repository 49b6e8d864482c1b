package dev.carafe.log.format;

/**
 * The first 96 bits of a key's keyed 128-bit hash, which identify the key in the file. The first
 * word selects the index slot; the check distinguishes keys with the same first word (contract R7).
 *
 * @param first the first word
 * @param check the lower half of the second word
 */
public record KeyHash(long first, int check) {
  /** The hash of a record without a key. */
  public static final KeyHash NONE = new KeyHash(0, 0);

  /** The bits of the first word that are kept. Tests reduce them to make first words collide. */
  private static final long FIRST_BITS = Long.getLong("carafe.test.keyHashBits", -1L);

  /**
   * Creates a hash of the two words of a 128-bit hash.
   *
   * @param first the first word
   * @param second the second word
   * @return the kept bits
   */
  public static KeyHash ofWords(long first, long second) {
    return new KeyHash(first & FIRST_BITS, (int) second);
  }

  @Override
  public String toString() {
    return String.format("0x%016x%08x", first, check);
  }
}
