package dev.carafe.base;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * A counter like {@link LongAdder} that also counts when the heap is full. LongAdder allocates
 * under contention, and throws OutOfMemoryError before it adds. Counters that must stay exact
 * (contract B3) use this class (F5). Thread-safe.
 */
public final class Counter {
  private final LongAdder adder = new LongAdder();
  private final AtomicLong withoutHeap = new AtomicLong();

  /** Creates a counter at 0. */
  public Counter() {}

  /**
   * Adds to the count. Throws nothing.
   *
   * @param change the number to add
   */
  public void add(long change) {
    try {
      adder.add(change);
    } catch (OutOfMemoryError e) { // nothing was added
      withoutHeap.getAndAdd(change);
    }
  }

  /** Adds 1. */
  public void increment() {
    add(1);
  }

  /** Subtracts 1. */
  public void decrement() {
    add(-1);
  }

  /**
   * Returns the count.
   *
   * @return a count; exact if no other thread changes it meanwhile
   */
  public long sum() {
    return adder.sum() + withoutHeap.get();
  }

  @Override
  public String toString() {
    return Long.toString(sum());
  }
}
