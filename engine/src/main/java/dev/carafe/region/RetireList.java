package dev.carafe.region;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Chunks that were unlinked and may still have readers. They are freed in batches, because a scan
 * of the hazard pointers costs the same for one chunk as for many.
 */
final class RetireList {
  private static final int BATCH = 2048;

  private final HazardPointers hazardPointers;
  private final ChunkPool pool;
  private final int share;

  final ReentrantLock lock = new ReentrantLock();
  private final long[] hazards; // guarded by lock, like the fields below

  /** Never overflows: a scan leaves only chunks that a reader has published. */
  private final long[] refs;

  private int protectedCount; // number of chunks that still had readers at the last scan
  private long unscannedBytes; // of the chunks that were retired since the last scan
  private volatile int count;

  /**
   * Creates an empty list.
   *
   * @param share the list scans when more bytes were retired since the last scan than this fraction
   *     of the pool's capacity, 1 / share
   */
  RetireList(HazardPointers hazardPointers, ChunkPool pool, int share) {
    this.hazardPointers = hazardPointers;
    this.pool = pool;
    this.share = share;
    this.hazards = new long[hazardPointers.slotCount()];
    this.refs = new long[hazardPointers.slotCount() + BATCH + 1];
  }

  /** The number of retired chunks. Volatile read. */
  int count() {
    return count;
  }

  /** Adds a chunk. Scans if a batch is complete. */
  void add(long ref) {
    lock.lock();
    try {
      int at = count;
      refs[at] = ref;
      count = at + 1;
      unscannedBytes += pool.chunkBytes(ref);
      if (count - protectedCount >= BATCH || unscannedBytes * share > pool.capacityBytes()) {
        hazardPointers.fence();
        freeUnprotected();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Under the lock, and after a fence that came after the lock was taken: frees all chunks without
   * readers. If the pool throws because a chunk was freed before, the list is consistent and keeps
   * the other chunks.
   */
  void freeUnprotected() {
    int hazardCount = hazardPointers.snapshot(hazards);
    unscannedBytes = 0;
    for (int at = count - 1; at >= 0; at--) {
      long ref = refs[at];
      if (!isProtected(ref, hazardCount)) {
        int last = count - 1;
        refs[at] = refs[last]; // which was checked before
        count = last;
        pool.free(ref);
      }
    }
    protectedCount = count;
  }

  private boolean isProtected(long ref, int hazardCount) {
    for (int i = 0; i < hazardCount; i++) {
      if (ChunkRef.isSameSlot(hazards[i], ref)) { // a reader may publish a tagged ref
        return true;
      }
    }
    return false;
  }
}
