package dev.carafe.uring;

import static dev.carafe.uring.ffi.UringAbi.CQE;
import static dev.carafe.uring.ffi.UringAbi.PARAMS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.carafe.uring.ffi.UringAbi;
import java.lang.foreign.MemorySegment;

/**
 * The completion queue: operations that the kernel has completed. Only the thread that owns the
 * ring uses it.
 */
final class CompletionQueue {
  private static final long USER_DATA = UringAbi.offset(CQE, "user_data");
  private static final long RES = UringAbi.offset(CQE, "res");

  private final MemorySegment ring;
  private final int entries;
  private final long headOffset;
  private final long tailOffset;
  private final long cqesOffset;
  private int head;

  CompletionQueue(UringAbi.Mapping mapping, MemorySegment params) {
    this.ring = mapping.cq();
    this.entries = params.get(JAVA_INT, UringAbi.offset(PARAMS, "cq_entries"));
    this.headOffset = params.get(JAVA_INT, UringAbi.offset(PARAMS, "cq_off", "head"));
    this.tailOffset = params.get(JAVA_INT, UringAbi.offset(PARAMS, "cq_off", "tail"));
    this.cqesOffset = params.get(JAVA_INT, UringAbi.offset(PARAMS, "cq_off", "cqes"));
    this.head = (int) UringAbi.INT.getAcquire(ring, headOffset);
  }

  int entries() {
    return entries;
  }

  /**
   * Copies completions out before the kernel may overwrite them.
   *
   * @return the number of completions copied, at most the arrays' length
   */
  int reap(long[] userData, int[] results) {
    int tail = (int) UringAbi.INT.getAcquire(ring, tailOffset);
    int count = Math.min(tail - head, results.length);
    for (int i = 0; i < count; i++) {
      long cqe = cqesOffset + ((head + i) & (entries - 1)) * CQE.byteSize();
      userData[i] = ring.get(JAVA_LONG, cqe + USER_DATA);
      results[i] = ring.get(JAVA_INT, cqe + RES);
    }
    head += count;
    UringAbi.INT.setRelease(ring, headOffset, head);
    return count;
  }
}
