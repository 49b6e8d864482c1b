package dev.carafe.region;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Hints to the chunks that one thread freed last, which the thread takes first. Every item is a
 * hint: the word of its slot ({@link SlotTable}) decides whether the chunk is free. Only the owning
 * thread changes the magazine; any thread may read it.
 */
final class Magazine {
  /** Returned by {@link #pop} if the magazine is empty. */
  static final long EMPTY = -1;

  static final int CAPACITY = 256;

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int PADDING = 16; // words, against false sharing
  private static final int COUNT = PADDING;
  private static final int CURSOR = PADDING + 1;
  private static final int FIRST = PADDING + 2;

  /**
   * The pooled region that the magazine is refilled from; null if there is none. The owner writes
   * it; another thread only sets it to null, under the size class's lock. Any thread may read a
   * stale value.
   */
  @Nullable PooledRegion source;

  private final long[] words = new long[FIRST + CAPACITY + PADDING];

  /** Removes the newest item. Called by the owner only. */
  long pop() {
    int count = (int) words[COUNT];
    if (count == 0) {
      return EMPTY;
    }
    WORD.setOpaque(words, COUNT, count - 1L);
    return words[FIRST + count - 1];
  }

  /** Adds an item; returns false if the magazine is full. Called by the owner only. */
  boolean push(long item) {
    int count = (int) words[COUNT];
    if (count == CAPACITY) {
      return false;
    }
    WORD.setOpaque(words, FIRST + count, item);
    WORD.setRelease(words, COUNT, count + 1L);
    return true;
  }

  /**
   * Removes the oldest items, whose hints the caller has added to the depot before. Called by the
   * owner only.
   */
  void dropOldest(int dropped) {
    int left = (int) words[COUNT] - dropped;
    for (int i = 0; i < left; i++) {
      WORD.setOpaque(words, FIRST + i, words[FIRST + dropped + i]);
    }
    WORD.setRelease(words, COUNT, (long) left);
  }

  /**
   * The index of the word of hints that the magazine was last refilled from. Called by the owner
   * only.
   */
  int cursor() {
    return (int) words[CURSOR];
  }

  void cursor(int position) {
    words[CURSOR] = position;
  }

  /**
   * The number of items; any thread may call it. Items that were pushed before are visible after
   * this call.
   */
  int count() {
    return (int) (long) WORD.getAcquire(words, COUNT);
  }

  /** An item, which may be stale; any thread may call it. */
  long item(int index) {
    return (long) WORD.getOpaque(words, FIRST + index);
  }
}
