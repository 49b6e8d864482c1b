package dev.carafe.log.format;

/**
 * How the file knows a key: the first 96 bits of its keyed 128-bit hash. The first word finds the
 * place in the index; keys that agree in it are told apart by the rest (contract R7).
 *
 * @param first the first word
 * @param check the lower half of the second word
 */
public record KeyHash(long first, int check) {
  /** Of what has no key. */
  public static final KeyHash NONE = new KeyHash(0, 0);

  /** Makes first words collide in tests: only these bits of them count. */
  private static final long FIRST_BITS = Long.getLong("carafe.test.keyHashBits", -1L);

  /**
   * Of both words.
   *
   * @param first the first word
   * @param second the second word
   * @return what of them is kept
   */
  public static KeyHash ofWords(long first, long second) {
    return new KeyHash(first & FIRST_BITS, (int) second);
  }

  @Override
  public String toString() {
    return String.format("0x%016x%08x", first, check);
  }
}
