package dev.carafe.bench.policy;

/**
 * Approximate numbers of recent uses of keys: a count-min sketch of four 4-bit counters a key, all
 * of which are halved when the sketch has counted five uses for each word. It grows with the number
 * of entries and keeps what it counted. Not thread-safe.
 */
final class FrequencySketch {
  /** The largest count. */
  static final int MAX_COUNT = 15;

  private static final int LEAST_WORDS = 1024; // 8 KiB: fewer confuse the keys of a small memory
  private static final int USES_A_WORD = 5;
  private static final long HALVES = 0x7777_7777_7777_7777L;
  private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

  private long[] words = new long[LEAST_WORDS];
  private long uses;

  /** Makes room for so many entries: a word of 8 bytes for each, in powers of two. */
  void ensureEntries(int entries) {
    while (words.length < entries) {
      long[] wider = new long[2 * words.length];
      System.arraycopy(words, 0, wider, 0, words.length); // an index drops its upper bits
      System.arraycopy(words, 0, wider, words.length, words.length);
      words = wider;
      uses *= 2;
    }
  }

  void count(long hash) {
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
    if (counted && ++uses >= (long) USES_A_WORD * words.length) {
      halve();
    }
  }

  int frequency(long hash) {
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

  private static long mix(long hash, int row) {
    long mixed = (hash + row + 1) * MULTIPLIER;
    mixed = (mixed ^ (mixed >>> 32)) * MULTIPLIER;
    return mixed ^ (mixed >>> 29);
  }
}
