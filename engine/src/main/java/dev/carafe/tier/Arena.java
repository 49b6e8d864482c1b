package dev.carafe.tier;

import dev.carafe.base.Bits;
import dev.carafe.base.Limits;
import dev.carafe.device.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The mapped memory of the memory tier, with a reference count. It is unmapped when the tier is
 * closed and the last hold has ended (M4). Addresses behind it are reserved, so that it can grow in
 * place.
 */
final class Arena {
  /** How many times its length at opening an arena can have. */
  private static final int MAX_GROWTH = 16;

  /** The addresses that each arena reserves at least, in bytes. */
  private static final long MIN_RESERVED_BYTES = 16L << 30;

  /** Page numbers are 31 bits. */
  private static final long MAX_RESERVED_BYTES = Integer.MAX_VALUE * (long) Limits.PAGE_BYTES;

  private final NativeMemory memory;

  /** The number of holds, such as those of leases, and one more until the tier is closed. */
  private final AtomicInteger holds = new AtomicInteger(1);

  /** The length of the usable part, which never decreases; written by one thread at a time. */
  private volatile long mappedBytes;

  private volatile boolean closed;

  Arena(long bytes) {
    long length = wholePages(bytes);
    this.memory = NativeMemory.mapExtensible(length, reservedBytes(length));
    this.mappedBytes = length;
  }

  static long wholePages(long bytes) {
    return Bits.roundDown(bytes, Limits.PAGE_BYTES);
  }

  private static long reservedBytes(long bytes) {
    long most = bytes > MAX_RESERVED_BYTES / MAX_GROWTH ? MAX_RESERVED_BYTES : bytes * MAX_GROWTH;
    return Math.max(bytes, Math.max(most, MIN_RESERVED_BYTES));
  }

  /** The memory and the reserved addresses. */
  MemorySegment segment() {
    return memory.segment();
  }

  long mappedBytes() {
    return mappedBytes;
  }

  /**
   * Makes addresses usable up to a length.
   *
   * @throws OutOfMemoryError if the system has no more memory; nothing changed
   */
  void extendTo(long bytes) {
    long before = mappedBytes;
    if (bytes > before) {
      memory.extend(before, bytes - before);
      mappedBytes = bytes;
    }
  }

  /** Gives memory back to the system. Its content is lost. */
  void discard(long fromByte, long bytes) {
    memory.discard(fromByte, bytes);
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
