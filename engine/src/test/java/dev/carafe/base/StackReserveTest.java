package dev.carafe.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A change that passes the check has enough stack (F5). */
@Timeout(20)
class StackReserveTest {
  /** The attempts of a round are this many calls apart. The rounds begin at different depths. */
  private static final int STEP = 16;

  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger torn = new AtomicInteger();
  private final AtomicInteger whole = new AtomicInteger();

  @Test
  void aChangeAfterTheCheckIsNeverInterrupted() throws InterruptedException {
    for (int round = 0; round < 2 * STEP; round++) { // interpreted at first, compiled later
      int first = round % STEP;
      Thread deep = new Thread(null, () -> down(0, first), "deep", 256 << 10);
      deep.start();
      deep.join();
    }
    assertEquals(0, torn.get(), "of " + whole.get());
    assertTrue(refused.get() > 0 && whole.get() > 0, refused + " refused, " + whole + " whole");
  }

  /** Tries the change at each depth, from the end of the stack upwards. */
  private int down(int depth, int first) {
    int below;
    try {
      below = depth < 0 ? 0 : down(depth + 1, first) + 1;
    } catch (StackOverflowError e) {
      below = 0;
    }
    if (below % STEP == first) {
      attempt();
    }
    return below;
  }

  private void attempt() {
    boolean passed = false;
    try {
      StackReserve.check(StackReserve.MEMORY_KIB);
      passed = true;
      change(20);
      whole.incrementAndGet();
    } catch (StackOverflowError e) {
      (passed ? torn : refused).incrementAndGet();
    }
  }

  private static int change(int depth) {
    return depth == 0 ? 0 : change(depth - 1) + 1;
  }
}
