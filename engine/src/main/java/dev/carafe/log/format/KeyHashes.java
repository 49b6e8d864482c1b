package dev.carafe.log.format;

import java.util.Arrays;

/** A list of key hashes, each with a word, in insertion order. */
public final class KeyHashes {
  private long[] firsts;
  private int[] checks;
  private long[] words;
  private int count;

  /**
   * Creates an empty list.
   *
   * @param capacity the initial capacity, 1 or more
   */
  public KeyHashes(int capacity) {
    firsts = new long[capacity];
    checks = new int[capacity];
    words = new long[capacity];
  }

  /**
   * Copies a list.
   *
   * @param other the list to copy
   */
  public KeyHashes(KeyHashes other) {
    int capacity = Math.max(1, other.count);
    firsts = Arrays.copyOf(other.firsts, capacity);
    checks = Arrays.copyOf(other.checks, capacity);
    words = Arrays.copyOf(other.words, capacity);
    count = other.count;
  }

  /**
   * Appends a hash.
   *
   * @param first of the hash
   * @param check of the hash
   * @param word the word with it
   */
  public void add(long first, int check, long word) {
    ensureRoom();
    firsts[count] = first;
    checks[count] = check;
    words[count] = word;
    count++;
  }

  /** Makes room for one more hash. If the heap is full, the list is unchanged. */
  public void ensureRoom() {
    if (count == words.length) {
      long[] moreFirsts = Arrays.copyOf(firsts, 2 * count);
      int[] moreChecks = Arrays.copyOf(checks, 2 * count);
      words = Arrays.copyOf(words, 2 * count);
      firsts = moreFirsts;
      checks = moreChecks;
    }
  }

  /** Removes all hashes. */
  public void clear() {
    count = 0;
  }

  /**
   * The number of hashes.
   *
   * @return 0 or more
   */
  public int count() {
    return count;
  }

  /**
   * Returns a hash.
   *
   * @param index of the hash
   * @return a new object
   */
  public KeyHash hash(int index) {
    return new KeyHash(firsts[index], checks[index]);
  }

  /**
   * Returns the first word of a hash.
   *
   * @param index of the hash
   * @return the word
   */
  public long first(int index) {
    return firsts[index];
  }

  /**
   * Returns the check of a hash.
   *
   * @param index of the hash
   * @return the check
   */
  public int check(int index) {
    return checks[index];
  }

  /**
   * Returns the word with a hash.
   *
   * @param index of the hash
   * @return the word
   */
  public long word(int index) {
    return words[index];
  }
}
