package dev.carafe.log.format;

import java.util.Arrays;

/** Hashes of keys, each with a word beside it, in the order in which they were added. */
public final class KeyHashes {
  private long[] firsts;
  private int[] checks;
  private long[] words;
  private int count;

  /**
   * None yet.
   *
   * @param capacity how many there is room for at first, 1 or more
   */
  public KeyHashes(int capacity) {
    firsts = new long[capacity];
    checks = new int[capacity];
    words = new long[capacity];
  }

  /**
   * A copy of others.
   *
   * @param other stays as it is
   */
  public KeyHashes(KeyHashes other) {
    int capacity = Math.max(1, other.count);
    firsts = Arrays.copyOf(other.firsts, capacity);
    checks = Arrays.copyOf(other.checks, capacity);
    words = Arrays.copyOf(other.words, capacity);
    count = other.count;
  }

  /**
   * Adds one at the end.
   *
   * @param first of the hash
   * @param check of the hash
   * @param word what is beside it
   */
  public void add(long first, int check, long word) {
    ensureRoom();
    firsts[count] = first;
    checks[count] = check;
    words[count] = word;
    count++;
  }

  /** Makes room for one more; if the heap is full, nothing has changed. */
  public void ensureRoom() {
    if (count == words.length) {
      long[] moreFirsts = Arrays.copyOf(firsts, 2 * count);
      int[] moreChecks = Arrays.copyOf(checks, 2 * count);
      words = Arrays.copyOf(words, 2 * count);
      firsts = moreFirsts;
      checks = moreChecks;
    }
  }

  /** Removes all. */
  public void clear() {
    count = 0;
  }

  /**
   * How many there are.
   *
   * @return 0 or more
   */
  public int count() {
    return count;
  }

  /**
   * A hash.
   *
   * @param index which
   * @return a new object of it
   */
  public KeyHash hash(int index) {
    return new KeyHash(firsts[index], checks[index]);
  }

  /**
   * A hash's first word.
   *
   * @param index which
   * @return the word
   */
  public long first(int index) {
    return firsts[index];
  }

  /**
   * A hash's check.
   *
   * @param index which
   * @return the check
   */
  public int check(int index) {
    return checks[index];
  }

  /**
   * What is beside a hash.
   *
   * @param index which
   * @return the word
   */
  public long word(int index) {
    return words[index];
  }
}
