package dev.carafe.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Completions are copied out in order, each once, also when the counters wrap (contract F3). */
final class CompletionQueueTest {
  private static final int ENTRIES = 4;
  private static final int ENTRY_BYTES = 16;

  private final long[] userData = new long[ENTRIES];
  private final int[] results = new int[ENTRIES];

  /** The kernel completes an operation. */
  private static void end(SharedQueues shared, long userData, int result) {
    MemorySegment cq = shared.mapping.cq();
    int tail = cq.get(JAVA_INT, SharedQueues.TAIL);
    long cqe = SharedQueues.CQES + (tail & (ENTRIES - 1)) * (long) ENTRY_BYTES;
    cq.set(JAVA_LONG, cqe, userData);
    cq.set(JAVA_INT, cqe + 8, result);
    cq.set(JAVA_INT, SharedQueues.TAIL, tail + 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, Integer.MAX_VALUE - 1, -2})
  void completionsAreReapedInOrderAndOnce(int start) {
    try (SharedQueues shared = new SharedQueues(ENTRIES, start)) {
      CompletionQueue queue = new CompletionQueue(shared.mapping, shared.params);
      assertEquals(ENTRIES, queue.entries());
      assertEquals(0, queue.reap(userData, results));
      int reaped = 0;
      for (int lap = 0; lap < 5; lap++) {
        int count = lap % ENTRIES + 1;
        for (int i = 0; i < count; i++) {
          end(shared, 100L * lap + i, -i);
        }
        assertEquals(count, queue.reap(userData, results));
        for (int i = 0; i < count; i++) {
          assertEquals(100L * lap + i, userData[i]);
          assertEquals(-i, results[i]);
        }
        reaped += count;
        int head = shared.mapping.cq().get(JAVA_INT, SharedQueues.HEAD);
        assertEquals(start + reaped, head, "the kernel may use the entries again");
        assertEquals(0, queue.reap(userData, results));
      }
    }
  }

  @Test
  void completionsThatDoNotFitStayInTheQueue() {
    try (SharedQueues shared = new SharedQueues(ENTRIES, 0)) {
      CompletionQueue queue = new CompletionQueue(shared.mapping, shared.params);
      for (int i = 0; i < ENTRIES; i++) {
        end(shared, i, 10 * i);
      }
      assertEquals(3, queue.reap(new long[3], new int[3]));
      assertEquals(1, queue.reap(userData, results));
      assertEquals(3, userData[0]);
      assertEquals(30, results[0]);
    }
  }
}
