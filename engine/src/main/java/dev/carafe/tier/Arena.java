package dev.carafe.tier;

import dev.carafe.device.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The mapped memory of the memory tier, with a reference count. It is unmapped when the tier is
 * closed and the last hold has ended (M4).
 */
final class Arena {
  private static final long PAGE_BYTES = 4096;

  private final NativeMemory memory;

  /** The number of holds, such as those of leases, and one more until the tier is closed. */
  private final AtomicInteger holds = new AtomicInteger(1);

  private volatile boolean closed;

  Arena(long bytes) {
    this.memory = NativeMemory.map(bytes / PAGE_BYTES * PAGE_BYTES, true);
  }

  MemorySegment segment() {
    return memory.segment();
  }

  boolean isClosed() {
    return closed;
  }

  /** Marks the arena as closed. {@link #endHold} then ends the hold of the tier itself. */
  void beginClose() {
    closed = true;
  }

  /** Keeps the memory mapped until {@link #endHold}. Returns false if it is unmapped. */
  boolean tryHold() {
    int seen;
    do {
      seen = holds.get();
      if (seen == 0) {
        return false;
      }
    } while (!holds.compareAndSet(seen, seen + 1));
    return true;
  }

  void endHold() {
    if (holds.decrementAndGet() == 0) {
      memory.close();
    }
  }

  /** The number of holds besides that of the open tier. */
  int holdCount() {
    return holds.get() - 1;
  }
}
