package dev.carafe.region;

import dev.carafe.base.Bits;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who may still be looking: a chunk that is taken out of use is freed only after its last reader
 * left (contract M1).
 *
 * <p>A reader announces the chunk in a slot, then makes sure that it is still in use; whoever takes
 * a chunk out of use first unlinks it, then looks through the slots. One of the two sees the other,
 * since both writes come before both reads in one order. This is the hazard pointer of M. Michael
 * (2004). Slots are 128 bytes apart, so that readers on different processors do not meet; a reader
 * costs two stores and a fence, however many look at the same chunk.
 *
 * <p>Thread-safe. A thread that has a seat ({@link Seats}) has the slot of that number; all others,
 * and reads inside of reads, share the slots after those, so virtual threads may block inside.
 */
public final class Readers {
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int STRIDE = 16;
  private static final int PROBES = 16;
  private static final long PARK_NANOS = 100_000;

  private final ChunkPool pool;
  private final int count;
  private final long[] slots;

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Long> pending = new ArrayList<>(); // guarded by lock
  private volatile int pendingCount; // written under lock

  /**
   * No readers yet.
   *
   * @param pool where retired chunks go back to
   */
  public Readers(ChunkPool pool) {
    this.pool = pool;
    int processors = Runtime.getRuntime().availableProcessors();
    this.count = Math.clamp(Bits.ceilPow2(4 * processors), 16, 256);
    this.slots = new long[(Seats.COUNT + count + 2) * STRIDE];
  }

  /**
   * Announces that a chunk is looked at. The caller must check afterwards that it is still in use.
   *
   * @param ref the chunk
   * @return what {@link #exit} is to be given; negative if all slots that it may take are taken
   */
  public int enter(long ref) {
    int seat = Seats.mine();
    if (seat != Seats.NONE) {
      int slot = (seat + 1) * STRIDE;
      if (slots[slot] == ChunkRef.NONE) {
        SLOT.setVolatile(slots, slot, ref);
        return slot;
      }
    }
    return enterShared(ref);
  }

  /** Without a seat, or inside of another read. */
  private int enterShared(long ref) {
    int hash = (int) ((Thread.currentThread().threadId() * 0x9E3779B9L) >>> 16);
    for (int probe = 0; probe < PROBES; probe++) {
      int slot = (Seats.COUNT + ((hash + probe) & (count - 1)) + 1) * STRIDE;
      if ((long) SLOT.getOpaque(slots, slot) == ChunkRef.NONE
          && SLOT.compareAndSet(slots, slot, ChunkRef.NONE, ref)) {
        return slot;
      }
    }
    return -1;
  }

  /**
   * The read is over.
   *
   * @param slot what {@link #enter} returned
   */
  public void exit(int slot) {
    SLOT.setRelease(slots, slot, ChunkRef.NONE);
  }

  /**
   * Frees a chunk that can't be found any more, now or when its last reader left.
   *
   * @param ref the chunk, unlinked before by a volatile write
   */
  public void retire(long ref) {
    VarHandle.fullFence();
    if (isRead(ref)) {
      lock.lock();
      try {
        pending.add(ref);
        pendingCount = pending.size();
      } finally {
        lock.unlock();
      }
    } else {
      pool.free(ref);
    }
    if (pendingCount != 0) {
      reap();
    }
  }

  private boolean isRead(long ref) {
    for (int slot = STRIDE; slot < slots.length; slot += STRIDE) {
      if ((long) SLOT.getVolatile(slots, slot) == ref) {
        return true;
      }
    }
    return false;
  }

  /** Frees retired chunks whose readers have left meanwhile. */
  public void reap() {
    if (pendingCount != 0 && lock.tryLock()) {
      try {
        pending.removeIf(ref -> {
          boolean free = !isRead(ref);
          if (free) {
            pool.free(ref);
          }
          return free;
        });
        pendingCount = pending.size();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Retired chunks whose readers have not left.
   *
   * @return how many
   */
  public int pendingCount() {
    return pendingCount;
  }

  /** Waits until nobody reads and nothing is pending; for closing, when nobody new comes in. */
  public void awaitQuiescence() {
    boolean interrupted = false;
    for (int slot = STRIDE; slot < slots.length; slot += STRIDE) {
      while ((long) SLOT.getVolatile(slots, slot) != ChunkRef.NONE) {
        LockSupport.parkNanos(this, PARK_NANOS);
        interrupted |= Thread.interrupted(); // else it would not park again
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    reap();
  }
}
