package dev.carafe.base;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * A counter that many threads change at once, as {@link LongAdder}, whose changes are never lost:
 * an adder allocates under contention, and throws where the heap is full. Counters that must add up
 * (contract B3) go on then (F5). Thread-safe.
 */
public final class Counter {
  private final LongAdder adder = new LongAdder();
  private final AtomicLong withoutHeap = new AtomicLong();

  /** A counter at 0. */
  public Counter() {}

  /**
   * Changes the count; throws nothing.
   *
   * @param change by how much
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
   * The count.
   *
   * @return exact if no other thread changes it meanwhile
   */
  public long sum() {
    return adder.sum() + withoutHeap.get();
  }

  @Override
  public String toString() {
    return Long.toString(sum());
  }
}
