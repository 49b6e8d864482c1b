package dev.carafe.tier;

/**
 * Estimates the number of recent uses of keys: a count-min sketch with four 4-bit counters per key.
 * All counters are halved after five counted uses per word. The sketch grows with the number of
 * entries and keeps its counts. Not thread-safe.
 */
public final class FrequencySketch {
  /** The largest count. */
  public static final int MAX_COUNT = 15;

  private static final int LEAST_WORDS = 1024; // 8 KiB: a smaller sketch has too many collisions
  private static final int MOST_WORDS = 1 << 23;
  private static final int USES_PER_WORD = 5;
  private static final long HALVES = 0x7777_7777_7777_7777L;
  private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

  private long[] words = new long[LEAST_WORDS];
  private long uses;

  /** Creates an empty sketch of 8 KiB. */
  public FrequencySketch() {}

  /**
   * Grows to at least one word of 8 bytes per entry, to a power of two, but not above 64 MiB.
   *
   * @param entries the number of entries
   */
  public void ensureEntries(long entries) {
    while (words.length < Math.min(entries, MOST_WORDS)) {
      // a word index is the low bits of a hash, so both halves start with the old counts
      long[] wider = new long[2 * words.length];
      System.arraycopy(words, 0, wider, 0, words.length);
      System.arraycopy(words, 0, wider, words.length, words.length);
      words = wider;
      uses *= 2;
    }
  }

  /**
   * Counts a use.
   *
   * @param hash the hash of a key
   */
  public void count(long hash) {
    boolean counted = false;
    for (int row = 0; row < 4; row++) {
      long mixed = mix(hash, row);
      int word = (int) mixed & (words.length - 1);
      int shift = (int) (mixed >>> 60) << 2;
      if (((words[word] >>> shift) & MAX_COUNT) < MAX_COUNT) {
        words[word] += 1L << shift;
        counted = true;
      }
    }
    if (counted && ++uses >= (long) USES_PER_WORD * words.length) {
      halve();
    }
  }

  /**
   * Returns the number of recent uses.
   *
   * @param hash the hash of a key
   * @return 0 to {@link #MAX_COUNT}; too many if other keys share all counters of this one
   */
  public int frequency(long hash) {
    int least = MAX_COUNT;
    for (int row = 0; row < 4; row++) {
      long mixed = mix(hash, row);
      long word = words[(int) mixed & (words.length - 1)];
      least = Math.min(least, (int) (word >>> ((int) (mixed >>> 60) << 2)) & MAX_COUNT);
    }
    return least;
  }

  private void halve() {
    for (int word = 0; word < words.length; word++) {
      words[word] = (words[word] >>> 1) & HALVES;
    }
    uses /= 2;
  }

  /**
   * Returns the heap that the sketch takes.
   *
   * @return bytes
   */
  public long heapBytes() {
    return (long) words.length * Long.BYTES;
  }

  private static long mix(long hash, int row) {
    long mixed = (hash + row + 1) * MULTIPLIER;
    mixed = (mixed ^ (mixed >>> 32)) * MULTIPLIER;
    return mixed ^ (mixed >>> 29);
  }
}
