package dev.carafe.region;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.LongAdder;

/**
 * A counter for frequent events. A thread with a thread slot increments its own stripe by a plain
 * load and an opaque store, without an atomic operation.
 */
public final class StripedCounter {
  private static final VarHandle STRIPE = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int STRIDE = 16; // words, against false sharing

  private final long[] stripes = new long[(ThreadSlots.COUNT + 1) * STRIDE];
  private final LongAdder unslotted = new LongAdder();

  /** Creates a counter at 0. */
  public StripedCounter() {}

  /**
   * Adds 1.
   *
   * @return the new count of this thread's stripe; 0 if the thread has no thread slot
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
   * Returns the sum of all stripes.
   *
   * @return a count that may miss concurrent increments
   */
  public long sum() {
    long sum = unslotted.sum();
    for (int threadSlot = 0; threadSlot < ThreadSlots.COUNT; threadSlot++) {
      sum += (long) STRIPE.getOpaque(stripes, (threadSlot + 1) * STRIDE);
    }
    return sum;
  }
}
