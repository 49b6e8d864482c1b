package dev.carafe.region;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Chunks that can't be found any more, and may still be read. They wait for company before somebody
 * looks who reads, since that costs as much for one as for many.
 */
final class RetireList {
  private static final int BATCH = 128;

  /** The share of the memory that may wait here for company. */
  private static final int MEMORY_SHARE = 2048;

  private final HazardPointers hazardPointers;
  private final ChunkPool pool;
  private final long maxUnscannedBytes;

  private final ReentrantLock lock = new ReentrantLock();
  private final long[] hazards; // guarded by lock, as all below

  /** Enough: after each look only those are left that a reader announces. */
  private final long[] refs;

  private int protectedCount; // so many were still read when somebody looked
  private long unscannedBytes; // of those that came since
  private volatile int count;

  RetireList(HazardPointers hazardPointers, ChunkPool pool) {
    this.hazardPointers = hazardPointers;
    this.pool = pool;
    this.maxUnscannedBytes = pool.capacityBytes() / MEMORY_SHARE;
    this.hazards = new long[hazardPointers.slotCount()];
    this.refs = new long[hazardPointers.slotCount() + BATCH + 1];
  }

  /** How many; volatile. */
  int count() {
    return count;
  }

  /** Takes a chunk, and frees it and others now if they are enough. */
  void add(long ref) {
    lock.lock();
    try {
      int at = count;
      refs[at] = ref;
      count = at + 1;
      unscannedBytes += pool.chunkBytes(ref);
      if (count - protectedCount >= BATCH || unscannedBytes > maxUnscannedBytes) {
        freeUnprotected();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Frees all whose readers have left. */
  void scan() {
    if (count != 0) {
      lock.lock();
      try {
        freeUnprotected();
      } finally {
        lock.unlock();
      }
    }
  }

  /** If the pool finds that one was freed before, the others are in good order still. */
  private void freeUnprotected() {
    int hazardCount = hazardPointers.snapshot(hazards);
    unscannedBytes = 0;
    for (int at = count - 1; at >= 0; at--) {
      long ref = refs[at];
      if (!isProtected(ref, hazardCount)) {
        int last = count - 1;
        refs[at] = refs[last]; // which was looked at before
        count = last;
        pool.free(ref);
      }
    }
    protectedCount = count;
  }

  private boolean isProtected(long ref, int hazardCount) {
    for (int i = 0; i < hazardCount; i++) {
      if (hazards[i] == ref) {
        return true;
      }
    }
    return false;
  }
}
