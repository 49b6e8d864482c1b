package dev.carafe.uring;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The buffers registered with the kernel (fixed buffers); finds the buffer that contains an
 * address.
 */
public final class FixedBuffers {
  /** What {@link #indexOf} returns for memory that is not registered. */
  public static final int NONE = -1;

  static final FixedBuffers NO_BUFFERS = new FixedBuffers(List.of());

  private final long[] starts;
  private final long[] ends;

  FixedBuffers(List<MemorySegment> buffers) {
    this.starts = new long[buffers.size()];
    this.ends = new long[buffers.size()];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = buffers.get(i).address();
      ends[i] = starts[i] + buffers.get(i).byteSize();
    }
  }

  /**
   * Finds the registered buffer that contains memory.
   *
   * @param memory any native memory
   * @return the index of the buffer that contains all of it, or {@link #NONE}
   */
  public int indexOf(MemorySegment memory) {
    long from = memory.address();
    long to = from + memory.byteSize();
    for (int i = 0; i < starts.length; i++) {
      if (from >= starts[i] && to <= ends[i]) {
        return i;
      }
    }
    return NONE;
  }
}
