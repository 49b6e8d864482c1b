package dev.carafe.tier;

import dev.carafe.base.Invariants;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
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
  private final Semaphore permits;
  private final MemorySegment[] buffers;

  /** Numbers of free buffers, a stack; to take and to give back need no heap (contract F5). */
  private final int[] freeStack;

  private int freeCount;
  private final ReentrantLock lock = new ReentrantLock(); // guards stack and height

  /** Cuts memory of {@link #bytesFor} into buffers. */
  ReadBuffers(MemorySegment memory) {
    this.all = memory;
    this.count = (int) (memory.byteSize() / BUFFER_BYTES);
    this.permits = new Semaphore(count);
    this.buffers = new MemorySegment[count];
    this.freeStack = new int[count];
    for (int i = 0; i < count; i++) {
      buffers[i] = memory.asSlice((long) i * BUFFER_BYTES, BUFFER_BYTES);
      freeStack[freeCount++] = i;
    }
  }

  /** How long the buffers of a cache are that has so much memory. */
  static long bytesFor(long memoryBytes) {
    long count = Math.clamp(memoryBytes / MEMORY_SHARE / BUFFER_BYTES, MIN_COUNT, MAX_COUNT);
    return count * BUFFER_BYTES;
  }

  MemorySegment acquire() {
    permits.acquireUninterruptibly();
    return popFree();
  }

  /** One that is free now, or null. */
  @Nullable MemorySegment tryAcquire() {
    return permits.tryAcquire() ? popFree() : null;
  }

  private MemorySegment popFree() {
    lock.lock();
    try {
      return buffers[freeStack[--freeCount]];
    } finally {
      lock.unlock();
    }
  }

  /** Checks, while no read is under way, that every buffer was given back. */
  void checkInvariants() {
    Invariants.check(
        permits.availablePermits() == count && freeCount == count,
        "ReadBuffers: " + freeCount + " of " + count + " are free");
  }

  /** Takes back a buffer, or the beginning of one. */
  void release(MemorySegment buffer) {
    lock.lock();
    try {
      freeStack[freeCount++] = (int) ((buffer.address() - all.address()) / BUFFER_BYTES);
    } finally {
      lock.unlock();
    }
    permits.release();
  }
}
