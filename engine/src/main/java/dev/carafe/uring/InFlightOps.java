package dev.carafe.uring;

import org.jspecify.annotations.Nullable;

/**
 * The operations in flight: submitted, and not completed by the kernel. {@code user_data} holds
 * generation and slot, so that a duplicate or stale completion is detected. Only the thread that
 * owns the ring uses it.
 *
 * <pre>
 *   63 ....... 32  31 ......... 0
 *   generation     slot
 * </pre>
 */
final class InFlightOps {
  private final @Nullable RingOp[] ops;
  private final int[] generations;
  private final int[] free;
  private int freeCount;

  InFlightOps(int count) {
    this.ops = new @Nullable RingOp[count];
    this.generations = new int[count];
    this.free = new int[count];
    for (int i = 0; i < count; i++) {
      free[i] = count - 1 - i;
    }
    this.freeCount = count;
  }

  boolean isFull() {
    return freeCount == 0;
  }

  int inUse() {
    return ops.length - freeCount;
  }

  long add(RingOp op) {
    int slot = free[--freeCount];
    ops[slot] = op;
    return (long) generations[slot] << Integer.SIZE | slot;
  }

  RingOp get(long userData) {
    int slot = (int) userData;
    RingOp op = slot >= 0 && slot < ops.length ? ops[slot] : null;
    if (op == null || generations[slot] != (int) (userData >>> Integer.SIZE)) {
      throw new IllegalStateException(
          "the kernel completed an operation that is not in flight: slot " + slot);
    }
    return op;
  }

  void remove(long userData) {
    int slot = (int) userData;
    ops[slot] = null;
    generations[slot]++;
    free[freeCount++] = slot;
  }
}
