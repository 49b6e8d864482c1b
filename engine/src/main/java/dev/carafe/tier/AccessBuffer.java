package dev.carafe.tier;

import dev.carafe.region.ThreadSlots;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A lossy buffer of events, striped by thread. An event is two words, the first of which is not 0.
 * A thread that adds an event waits for no other thread: if its stripe is full, the event is not
 * added. One thread at a time drains. Adding and draining allocate nothing.
 *
 * <p>Proved by {@code AccessSampleTest}.
 */
final class AccessBuffer {
  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int STRIPES = 16;
  private static final int EVENTS = 32; // of a stripe
  private static final int ATTEMPTS = 4;

  // The words of a stripe. The counts are in cache lines of their own.
  private static final int ADDED = 16;
  private static final int DRAINED = 32;
  private static final int FIRST_EVENT = 48;
  private static final int LENGTH = FIRST_EVENT + 2 * EVENTS;

  private final long[][] stripes = new long[STRIPES][LENGTH];

  /** Receives the events of a buffer, oldest first by stripe. */
  interface Receiver {
    void receive(long first, long second);
  }

  long memoryBytes() {
    return (long) STRIPES * LENGTH * Long.BYTES;
  }

  /**
   * Adds an event.
   *
   * @return false if there was no room, or several threads added to the stripe at once
   */
  boolean offer(long first, long second) {
    int threadSlot = ThreadSlots.current();
    int number = threadSlot == ThreadSlots.NONE ? Thread.currentThread().hashCode() : threadSlot;
    long[] stripe = stripes[number & (STRIPES - 1)];
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long added = (long) WORDS.getAcquire(stripe, ADDED);
      if (added - (long) WORDS.getAcquire(stripe, DRAINED) >= EVENTS) {
        return false;
      }
      if (WORDS.compareAndSet(stripe, ADDED, added, added + 1)) {
        int at = position(added);
        WORDS.setOpaque(stripe, at + 1, second);
        WORDS.setRelease(stripe, at, first);
        return true;
      }
    }
    return false;
  }

  private static int position(long number) {
    return FIRST_EVENT + 2 * (int) (number & (EVENTS - 1));
  }

  /** Removes all events. The caller excludes other threads that drain. */
  void drain(Receiver receiver) {
    for (long[] stripe : stripes) {
      drain(stripe, receiver);
    }
  }

  private static void drain(long[] stripe, Receiver receiver) {
    long drained = (long) WORDS.getOpaque(stripe, DRAINED);
    long added = (long) WORDS.getAcquire(stripe, ADDED);
    for (; drained < added; drained++) {
      int at = position(drained);
      long first = (long) WORDS.getAcquire(stripe, at);
      if (first == 0) {
        return; // the thread that took this place has not written it yet
      }
      long second = (long) WORDS.getOpaque(stripe, at + 1);
      WORDS.setOpaque(stripe, at, 0L);
      WORDS.setRelease(stripe, DRAINED, drained + 1);
      receiver.receive(first, second);
    }
  }
}
