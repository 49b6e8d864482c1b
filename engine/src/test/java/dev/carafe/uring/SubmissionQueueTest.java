package dev.carafe.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.carafe.uring.ffi.UringAbi;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An entry has the requested fields at the kernel's offsets and none of the previous entry. It is
 * visible once it is published, also when the counters wrap.
 */
final class SubmissionQueueTest {
  private static final int ENTRY_BYTES = 64;

  private static void takeAll(SharedQueues shared) {
    MemorySegment sq = shared.mapping.sq();
    sq.set(JAVA_INT, SharedQueues.HEAD, sq.get(JAVA_INT, SharedQueues.TAIL));
  }

  @Test
  void aTransferHasTheKernelsLayout() {
    try (SharedQueues shared = new SharedQueues(4, 0)) {
      SubmissionQueue queue = new SubmissionQueue(shared.mapping, shared.params);
      MemorySegment memory = MemorySegment.ofAddress(0x7000_0000_1000L);
      shared.mapping.sqes().fill((byte) -1); // left from an earlier lap
      queue.transfer(UringAbi.OP_WRITE_FIXED, 40_000, memory, 1L << 40, 0x1234_5678_9ABCL);
      MemorySegment sqe = shared.mapping.sqes().asSlice(0, ENTRY_BYTES);
      assertEquals(5, sqe.get(JAVA_BYTE, 0));
      assertEquals(1, sqe.get(JAVA_BYTE, 1), "the registered file");
      assertEquals(0, sqe.get(JAVA_SHORT, 2));
      assertEquals(0, sqe.get(JAVA_INT, 4), "its index");
      assertEquals(1L << 40, sqe.get(JAVA_LONG, 8));
      assertEquals(0x7000_0000_1000L, sqe.get(JAVA_LONG, 16));
      assertEquals(0, sqe.get(JAVA_INT, 24));
      assertEquals(0, sqe.get(JAVA_INT, 28));
      assertEquals(0x1234_5678_9ABCL, sqe.get(JAVA_LONG, 32));
      assertEquals(40_000, Short.toUnsignedInt(sqe.get(JAVA_SHORT, 40)));
      assertEquals(0, sqe.get(JAVA_SHORT, 42));
      assertEquals(0, sqe.get(JAVA_INT, 44));
      assertEquals(0, sqe.get(JAVA_LONG, 48));
      assertEquals(0, sqe.get(JAVA_LONG, 56));
    }
  }

  @Test
  void aCommandHasTheKernelsLayout() {
    try (SharedQueues shared = new SharedQueues(4, 0)) {
      SubmissionQueue queue = new SubmissionQueue(shared.mapping, shared.params);
      queue.command(UringAbi.OP_FSYNC, UringAbi.FSYNC_DATASYNC, 7);
      queue.command(UringAbi.OP_NOP, 0, 8);
      MemorySegment sync = shared.mapping.sqes().asSlice(0, ENTRY_BYTES);
      assertEquals(3, sync.get(JAVA_BYTE, 0));
      assertEquals(1, sync.get(JAVA_BYTE, 1));
      assertEquals(1, sync.get(JAVA_INT, 28));
      assertEquals(7, sync.get(JAVA_LONG, 32));
      MemorySegment nop = shared.mapping.sqes().asSlice(ENTRY_BYTES, ENTRY_BYTES);
      assertEquals(0, nop.get(JAVA_BYTE, 0));
      assertEquals(0, nop.get(JAVA_BYTE, 1), "no file");
      assertEquals(8, nop.get(JAVA_LONG, 32));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, Integer.MAX_VALUE - 1, -2})
  void entriesAreSeenOncePublished(int start) {
    try (SharedQueues shared = new SharedQueues(4, start)) {
      SubmissionQueue queue = new SubmissionQueue(shared.mapping, shared.params);
      MemorySegment sq = shared.mapping.sq();
      for (int i = 0; i < 4; i++) {
        assertEquals(i, sq.get(JAVA_INT, SharedQueues.ARRAY + 4L * i), "entry i is entry i");
      }
      int next = start;
      for (int lap = 0; lap < 3; lap++) {
        for (int i = 1; i <= 4; i++) {
          queue.command(UringAbi.OP_NOP, 0, 1000L * lap + i);
          long sqe = (next & 3) * (long) ENTRY_BYTES;
          assertEquals(1000L * lap + i, shared.mapping.sqes().get(JAVA_LONG, sqe + 32));
          assertEquals(i, queue.unsubmitted());
          next++;
        }
        assertEquals(next - 4, sq.get(JAVA_INT, SharedQueues.TAIL), "not seen yet");
        queue.publish();
        assertEquals(next, sq.get(JAVA_INT, SharedQueues.TAIL));
        takeAll(shared);
        assertEquals(0, queue.unsubmitted());
      }
    }
  }

  @Test
  void aCorruptHeadIsDetected() {
    try (SharedQueues shared = new SharedQueues(4, 0)) {
      SubmissionQueue queue = new SubmissionQueue(shared.mapping, shared.params);
      assertEquals(4, queue.entries());
      shared.mapping.sq().set(JAVA_INT, SharedQueues.HEAD, 1);
      assertThrows(IllegalStateException.class, queue::unsubmitted);
      shared.mapping.sq().set(JAVA_INT, SharedQueues.HEAD, -5);
      assertThrows(IllegalStateException.class, queue::unsubmitted);
    }
  }
}
