package dev.carafe.tier;

import dev.carafe.base.Invariants;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A few registered buffers that records are read into when they do not stay where they are read:
 * small ones, which would waste a chunk's room, and compressed ones. Whoever finds none waits; the
 * readers ahead hold theirs for one read.
 */
final class ReadBuffers {
  /** What a record must fit into, with the device's alignment on both sides. */
  static final int BUFFER_BYTES = 40 * 1024;

  private static final int MIN_COUNT = 32;
  private static final int MAX_COUNT = 256;

  /** The share of a small memory tier's bytes that its read buffers may add. */
  private static final int MEMORY_SHARE = 4;

  private final MemorySegment all;
  private final int count;
  private final Semaphore free;
  private final ConcurrentLinkedQueue<MemorySegment> buffers = new ConcurrentLinkedQueue<>();

  /** Cuts memory of {@link #bytesFor} into buffers. */
  ReadBuffers(MemorySegment memory) {
    this.all = memory;
    this.count = (int) (memory.byteSize() / BUFFER_BYTES);
    this.free = new Semaphore(count);
    for (int i = 0; i < count; i++) {
      buffers.add(memory.asSlice((long) i * BUFFER_BYTES, BUFFER_BYTES));
    }
  }

  /** How long the buffers of a cache are that has so much memory. */
  static long bytesFor(long memoryBytes) {
    long count = Math.clamp(memoryBytes / MEMORY_SHARE / BUFFER_BYTES, MIN_COUNT, MAX_COUNT);
    return count * BUFFER_BYTES;
  }

  MemorySegment take() {
    free.acquireUninterruptibly();
    return taken();
  }

  /** One that is free now, or null. */
  @Nullable MemorySegment tryTake() {
    return free.tryAcquire() ? taken() : null;
  }

  private MemorySegment taken() {
    MemorySegment taken = buffers.poll();
    if (taken == null) {
      throw new IllegalStateException("a read buffer was given back twice or never");
    }
    return taken;
  }

  /** Checks, while no read is under way, that every buffer was given back. */
  void checkInvariants() {
    Invariants.check(
        free.availablePermits() == count && buffers.size() == count,
        "ReadBuffers: " + buffers.size() + " of " + count + " are free");
  }

  /** Takes back a buffer, or the beginning of one. */
  void giveBack(MemorySegment buffer) {
    buffers.add(all.asSlice(buffer.address() - all.address(), BUFFER_BYTES));
    free.release();
  }
}
