package dev.carafe.region;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.LongAdder;

/**
 * A count for what happens very often: a thread that has a seat counts on it alone, by a load and a
 * store.
 */
public final class StripedCounter {
  private static final VarHandle STRIPE = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int STRIDE = 16; // words, 128 bytes, so that two seats do not meet

  private final long[] stripes = new long[(ThreadSlots.COUNT + 1) * STRIDE];
  private final LongAdder unslotted = new LongAdder();

  /** Nothing yet. */
  public StripedCounter() {}

  /**
   * Counts one.
   *
   * @return how many this thread's seat has counted now; 0 without a seat
   */
  public long increment() {
    int threadSlot = ThreadSlots.current();
    if (threadSlot == ThreadSlots.NONE) {
      unslotted.increment();
      return 0;
    }
    int at = (threadSlot + 1) * STRIDE;
    long counted = stripes[at] + 1;
    STRIPE.setOpaque(stripes, at, counted);
    return counted;
  }

  /**
   * All that was counted before this, by all threads.
   *
   * @return a count
   */
  public long sum() {
    long sum = unslotted.sum();
    for (int threadSlot = 0; threadSlot < ThreadSlots.COUNT; threadSlot++) {
      sum += (long) STRIPE.getOpaque(stripes, (threadSlot + 1) * STRIDE);
    }
    return sum;
  }
}
