package dev.carafe.tier;

import dev.carafe.base.Invariants;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A pool of 32 to 256 registered buffers of 40 KiB. Records that are copied or decompressed after
 * the read are read into these: compressed records, and small ones, whose alignment padding would
 * waste most of a chunk. A thread that finds no free buffer waits for the end of another read.
 *
 * <p>Thread-safe.
 */
final class ReadBuffers {
  /** The length of a buffer: a record of 32 KiB with alignment padding on both sides. */
  static final int BUFFER_BYTES = 40 * 1024;

  private static final int MIN_COUNT = 32;
  private static final int MAX_COUNT = 256;
  private static final int RESERVE = 4;

  /** Read buffers take at most a quarter of the memory of the cache, if that is enough for 32. */
  private static final int MEMORY_SHARE = 4;

  private final MemorySegment all;
  private final int count;
  private final Semaphore permits;
  private final MemorySegment[] buffers;

  /** A stack of the numbers of free buffers. Acquire and release allocate nothing (contract F5). */
  private final int[] freeStack;

  private int freeCount;
  private final ReentrantLock lock = new ReentrantLock(); // guards freeStack and freeCount

  /** Divides memory of {@link #bytesFor} into buffers. */
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

  /** Returns the bytes of all buffers of a cache with this much memory. */
  static long bytesFor(long memoryBytes) {
    long count = Math.clamp(memoryBytes / MEMORY_SHARE / BUFFER_BYTES, MIN_COUNT, MAX_COUNT);
    return count * BUFFER_BYTES;
  }

  MemorySegment acquire() {
    permits.acquireUninterruptibly();
    return popFree();
  }

  /**
   * Returns a free buffer, or null if only the reserve is free. A thread that waits for a buffer
   * gets one of the reserve, even if it is the one on which all reads that hold the others are to
   * be finished.
   */
  @Nullable MemorySegment tryAcquire() {
    if (!permits.tryAcquire(1 + RESERVE)) {
      return null;
    }
    permits.release(RESERVE);
    return popFree();
  }

  private MemorySegment popFree() {
    lock.lock();
    try {
      return buffers[freeStack[--freeCount]];
    } finally {
      lock.unlock();
    }
  }

  /** Checks that every buffer is free. No read may be in flight. */
  void checkInvariants() {
    Invariants.check(
        permits.availablePermits() == count && freeCount == count,
        "ReadBuffers: " + freeCount + " of " + count + " are free");
  }

  /** Frees a buffer. The argument is the buffer or a slice of it from offset 0. */
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
