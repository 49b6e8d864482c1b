package dev.carafe.region;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.LongAdder;

/**
 * A count for what happens very often: a thread that has a seat counts on it alone, by a load and a
 * store.
 */
public final class Tally {
  private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int STRIDE = 16; // words, 128 bytes, so that two seats do not meet

  private final long[] bySeat = new long[(Seats.COUNT + 1) * STRIDE];
  private final LongAdder standing = new LongAdder();

  /** Nothing yet. */
  public Tally() {}

  /**
   * Counts one.
   *
   * @return how many this thread's seat has counted now; 0 without a seat
   */
  public long increment() {
    int seat = Seats.mine();
    if (seat == Seats.NONE) {
      standing.increment();
      return 0;
    }
    int at = (seat + 1) * STRIDE;
    long counted = bySeat[at] + 1;
    COUNT.setOpaque(bySeat, at, counted);
    return counted;
  }

  /**
   * All that was counted before this, by all threads.
   *
   * @return a count
   */
  public long sum() {
    long sum = standing.sum();
    for (int seat = 0; seat < Seats.COUNT; seat++) {
      sum += (long) COUNT.getOpaque(bySeat, (seat + 1) * STRIDE);
    }
    return sum;
  }
}
