package dev.carafe.log.format;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A list of key hashes in insertion order, each with a word: a location in an extent, or a record
 * address.
 *
 * <p>The list is one array of three longs for each hash: the first word, the word with it, and the
 * check with the number of the cache in its upper half, as in a directory. Opening a file uses it
 * before the methods of {@link MemorySegment} are compiled, which take a microsecond for each
 * access until then.
 */
public final class KeyHashes {
  /** The longs of an entry. */
  public static final int LONGS = 3;

  private static final int WORD_AT = 1;
  private static final int CHECK_AT = 2;

  private long[] entries;
  private int count;

  /**
   * Creates an empty list.
   *
   * @param capacity the initial capacity, 1 or more
   */
  public KeyHashes(int capacity) {
    entries = new long[LONGS * capacity];
  }

  /**
   * Copies a list.
   *
   * @param other the list to copy
   */
  public KeyHashes(KeyHashes other) {
    entries = Arrays.copyOf(other.entries, LONGS * Math.max(1, other.count));
    count = other.count;
  }

  /**
   * Appends a hash.
   *
   * @param hash the hash
   * @param word the word with it
   */
  public void add(KeyHash hash, long word) {
    add(
        hash.first(),
        word,
        ((long) hash.cache() << Integer.SIZE) | Integer.toUnsignedLong(hash.check()));
  }

  /**
   * Appends the hash of another list, with another word.
   *
   * @param other the other list
   * @param index of the hash in it
   * @param word the word with it
   */
  public void add(KeyHashes other, int index, long word) {
    add(other.first(index), word, other.entries[LONGS * index + CHECK_AT]);
  }

  private void add(long first, long word, long check) {
    ensureRoom();
    int at = LONGS * count;
    entries[at] = first;
    entries[at + WORD_AT] = word;
    entries[at + CHECK_AT] = check;
    count++;
  }

  /** Makes room for one more hash. If the heap is full, the list is unchanged. */
  public void ensureRoom() {
    if (LONGS * count == entries.length) {
      entries = Arrays.copyOf(entries, 2 * entries.length);
    }
  }

  /** Removes all hashes. */
  public void clear() {
    count = 0;
  }

  /**
   * Replaces the list by the entries of a directory.
   *
   * @param directory from its first entry on; it verifies
   * @param entryCount the number of entries
   */
  public void readDirectory(MemorySegment directory, int entryCount) {
    if (LONGS * entryCount > entries.length) {
      entries = new long[LONGS * entryCount];
    }
    MemorySegment.copy(directory, Fields.U64, 0, entries, 0, LONGS * entryCount);
    count = entryCount;
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
    return new KeyHash(first(index), check(index), cache(index));
  }

  /**
   * Returns the first word of a hash.
   *
   * @param index of the hash
   * @return the word
   */
  public long first(int index) {
    return entries[LONGS * index];
  }

  /**
   * Returns the check of a hash.
   *
   * @param index of the hash
   * @return the check
   */
  public int check(int index) {
    return (int) entries[LONGS * index + CHECK_AT];
  }

  /**
   * Returns the cache of a hash.
   *
   * @param index of the hash
   * @return the number of the cache
   */
  public int cache(int index) {
    return (int) (entries[LONGS * index + CHECK_AT] >>> Integer.SIZE);
  }

  /**
   * Returns the word with a hash.
   *
   * @param index of the hash
   * @return the word
   */
  public long word(int index) {
    return entries[LONGS * index + WORD_AT];
  }

  /**
   * Sorts the entries by the low bits of their first words. Entries with the same bits keep their
   * order.
   *
   * @param groups the number of groups, a power of two
   * @param bounds receives the index of each group's first entry, and at the end the count
   * @return the entries, {@link #LONGS} longs each: first word, word, check with the number of the
   *     cache
   */
  public long[] sortedBy(int groups, int[] bounds) {
    int mask = groups - 1;
    int[] next = new int[groups];
    for (int at = 0; at < LONGS * count; at += LONGS) {
      next[(int) entries[at] & mask]++;
    }
    for (int group = 0; group < groups; group++) {
      bounds[group + 1] = bounds[group] + next[group];
      next[group] = bounds[group];
    }
    long[] sorted = new long[LONGS * count];
    for (int at = 0; at < LONGS * count; at += LONGS) {
      int to = LONGS * next[(int) entries[at] & mask]++;
      sorted[to] = entries[at];
      sorted[to + WORD_AT] = entries[at + WORD_AT];
      sorted[to + CHECK_AT] = entries[at + CHECK_AT];
    }
    return sorted;
  }
}
