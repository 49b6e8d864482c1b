package dev.carafe.region;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Chunks that can't be found any more, and may still be read. They wait for company before somebody
 * looks who reads, since that costs as much for one as for many.
 */
final class Retired {
  private static final int COMPANY = 128;

  /** The share of the memory that may wait here for company. */
  private static final int SHARE = 2048;

  private final Readers readers;
  private final ChunkPool pool;
  private final long companyBytes;

  private final ReentrantLock lock = new ReentrantLock();
  private final long[] announced; // guarded by lock, as all below

  /** Enough: after each look only those are left that a reader announces. */
  private final long[] refs;

  private int readCount; // so many were still read when somebody looked
  private long waitingBytes; // of those that came since
  private volatile int count;

  Retired(Readers readers, ChunkPool pool) {
    this.readers = readers;
    this.pool = pool;
    this.companyBytes = pool.capacityBytes() / SHARE;
    this.announced = new long[readers.slotCount()];
    this.refs = new long[readers.slotCount() + COMPANY + 1];
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
      waitingBytes += pool.chunkBytes(ref);
      if (count - readCount >= COMPANY || waitingBytes > companyBytes) {
        freeUnread();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Frees all whose readers have left. */
  void reap() {
    if (count != 0) {
      lock.lock();
      try {
        freeUnread();
      } finally {
        lock.unlock();
      }
    }
  }

  /** If the pool finds that one was freed before, the others are in good order still. */
  private void freeUnread() {
    int readers = this.readers.announced(announced);
    waitingBytes = 0;
    for (int at = count - 1; at >= 0; at--) {
      long ref = refs[at];
      if (!isAnnounced(ref, readers)) {
        int last = count - 1;
        refs[at] = refs[last]; // which was looked at before
        count = last;
        pool.free(ref);
      }
    }
    readCount = count;
  }

  private boolean isAnnounced(long ref, int readers) {
    for (int reader = 0; reader < readers; reader++) {
      if (announced[reader] == ref) {
        return true;
      }
    }
    return false;
  }
}
