package dev.carafe.uring;

import java.util.ArrayList;
import java.util.List;

/**
 * A small ring that one thread at a time has for itself: it submits and waits in one system call,
 * and the kernel wakes it, and only it, when its own operations have ended.
 */
final class Lane implements AutoCloseable {
  /** No operation bears it: slots count from 0. */
  private static final long NOBODYS = -1;

  private final KernelRing ring;
  private final List<RingOp> ended = new ArrayList<>();

  Lane(KernelRing ring) {
    this.ring = ring;
  }

  /** Runs operations, as many at once as the ring holds, and returns when all have ended. */
  void run(List<? extends RingOp> ops) {
    int next = 0;
    while (next < ops.size() || ring.inFlight() > 0) {
      while (next < ops.size() && ring.inFlight() < ring.entries()) {
        ring.prepare(ops.get(next++));
      }
      int inFlight = ring.inFlight();
      ring.enter(next == ops.size() ? inFlight : Math.max(1, inFlight / 2));
      reap();
    }
  }

  /** Runs one operation. */
  void run(RingOp op) {
    ring.prepare(op);
    while (ring.inFlight() > 0) {
      ring.enter(1);
      reap();
    }
  }

  long memoryBytes() {
    return ring.memoryBytes();
  }

  boolean isIdle() {
    return ring.inFlight() == 0;
  }

  private void reap() {
    var _ = ring.reap(ended, NOBODYS);
    for (int i = 0; i < ended.size(); i++) {
      ended.get(i).end();
    }
    ended.clear();
  }

  @Override
  public void close() {
    ring.close();
  }
}
