package dev.carafe.region;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What one thread takes from first: the chunks that it gave back last. Every item is a hint; the
 * word of its slot ({@link SlotTable}) decides whether it is free, and who gets it. Only the thread
 * that owns the magazine changes it; any other thread may read it.
 */
final class Magazine {
  /** What {@link #pop} returns when nothing is left. */
  static final long EMPTY = -1;

  static final int CAPACITY = 256;

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int PADDING = 16; // words, 128 bytes, so that two threads' do not meet
  private static final int COUNT = PADDING;
  private static final int CURSOR = PADDING + 1;
  private static final int FIRST = PADDING + 2;

  /**
   * The pooled region that the thread fills the magazine from; null if it has none. Written by the
   * owner, or under the size class's lock; any thread may read an old value.
   */
  @Nullable PooledRegion source;

  private final long[] words = new long[FIRST + CAPACITY + PADDING];

  /** Owner: takes the newest item. */
  long pop() {
    int count = (int) words[COUNT];
    if (count == 0) {
      return EMPTY;
    }
    WORD.setOpaque(words, COUNT, count - 1L);
    return words[FIRST + count - 1];
  }

  /** Owner: keeps an item; false if there is no room. */
  boolean push(long item) {
    int count = (int) words[COUNT];
    if (count == CAPACITY) {
      return false;
    }
    WORD.setOpaque(words, FIRST + count, item);
    WORD.setRelease(words, COUNT, count + 1L);
    return true;
  }

  /** Owner: drops the oldest items, which must have been offered elsewhere before. */
  void dropOldest(int dropped) {
    int left = (int) words[COUNT] - dropped;
    for (int i = 0; i < left; i++) {
      WORD.setOpaque(words, FIRST + i, words[FIRST + dropped + i]);
    }
    WORD.setRelease(words, COUNT, (long) left);
  }

  /** Owner: where it found something last, in whatever it looks through. */
  int cursor() {
    return (int) words[CURSOR];
  }

  void cursor(int position) {
    words[CURSOR] = position;
  }

  /** Anyone: how many there are now. What was pushed before this can be seen. */
  int count() {
    return (int) (long) WORD.getAcquire(words, COUNT);
  }

  /** Anyone: an item, perhaps not there any more. */
  long item(int index) {
    return (long) WORD.getOpaque(words, FIRST + index);
  }
}
