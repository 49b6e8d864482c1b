package dev.carafe.region;

import dev.carafe.base.Bits;
import dev.carafe.base.StackReserve;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Who may still be looking: a chunk that is taken out of use is freed only after its last reader
 * left (contract M1).
 *
 * <p>A reader announces the chunk in a slot, then makes sure that it is still in use; whoever takes
 * a chunk out of use first unlinks it, then looks through the slots. One of the two sees the other,
 * since both writes come before both reads in one order. This is the hazard pointer of M. Michael
 * (2004). Slots are 128 bytes apart, so that readers on different processors do not meet.
 *
 * <p>The order takes a fence between the reader's write and its read, at every read, or one fence
 * for all threads made by whoever looks through the slots, where the system has it: then a reader
 * costs two plain stores, and what comes next need not wait for its value
 * (docs/decisions/0008-the-dear-fence-is-the-writers.md).
 *
 * <p>Thread-safe. A thread that has a seat ({@link ThreadSlots}) has the slot of that number; all
 * others, and reads inside of reads, share the slots after those, so virtual threads may block
 * inside.
 */
public final class HazardPointers {
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int STRIDE = 16;
  private static final int PROBES = 16;
  private static final int RETIRE_LISTS = 8;
  private static final long PARK_NANOS = 100_000;

  private final @Nullable Runnable processBarrier;
  private final int sharedCount;
  private final long[] slots;

  /** By thread, so that those who retire do not meet. */
  private final RetireList[] retireLists = new RetireList[RETIRE_LISTS];

  /**
   * No readers yet.
   *
   * @param pool where retired chunks go back to
   * @param processBarrier makes a full fence on every running thread of the process; null if the
   *     system has none, and each reader makes its own
   */
  public HazardPointers(ChunkPool pool, @Nullable Runnable processBarrier) {
    this.processBarrier = processBarrier;
    int processors = Runtime.getRuntime().availableProcessors();
    this.sharedCount = Math.clamp(Bits.ceilPow2(4 * processors), 16, 256);
    this.slots = new long[(ThreadSlots.COUNT + sharedCount + 2) * STRIDE];
    Arrays.setAll(retireLists, list -> new RetireList(this, pool));
  }

  /**
   * Announces that a chunk is looked at. The caller must check afterwards that it is still in use.
   *
   * @param ref the chunk
   * @return what {@link #exit} is to be given; negative if all slots that it may take are taken
   */
  public int enter(long ref) {
    StackReserve.check(StackReserve.READ_KIB); // a read that is entered can be left
    int threadSlot = ThreadSlots.current();
    if (threadSlot != ThreadSlots.NONE) {
      int slot = (threadSlot + 1) * STRIDE;
      if (slots[slot] == ChunkRef.NONE) {
        publish(slot, ref);
        return slot;
      }
    }
    return enterShared(ref);
  }

  /** What the caller reads next, it reads after this was seen by whoever looks. */
  private void publish(int slot, long ref) {
    SLOT.setRelease(slots, slot, ref);
    if (processBarrier == null) {
      VarHandle.fullFence();
    } else {
      VarHandle.acquireFence(); // no instruction; the compiler moves no read across it
    }
  }

  /** Without a seat, or inside of another read. */
  private int enterShared(long ref) {
    int hash = (int) ((Thread.currentThread().threadId() * 0x9E3779B9L) >>> 16);
    for (int probe = 0; probe < PROBES; probe++) {
      int slot = (ThreadSlots.COUNT + ((hash + probe) & (sharedCount - 1)) + 1) * STRIDE;
      if ((long) SLOT.getOpaque(slots, slot) == ChunkRef.NONE
          && SLOT.compareAndSet(slots, slot, ChunkRef.NONE, ref)) {
        slots[slot + 1] = Thread.currentThread().threadId(); // for isReading only
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
   * Whether the calling thread has announced a chunk and not left yet.
   *
   * @return true inside of a read
   */
  public boolean isReading() {
    long me = Thread.currentThread().threadId();
    int threadSlot = ThreadSlots.current();
    boolean reading =
        threadSlot != ThreadSlots.NONE && slots[(threadSlot + 1) * STRIDE] != ChunkRef.NONE;
    for (int shared = ThreadSlots.COUNT; shared < slotCount() && !reading; shared++) {
      int slot = (shared + 1) * STRIDE;
      reading = slots[slot] != ChunkRef.NONE && slots[slot + 1] == me;
    }
    return reading;
  }

  /**
   * Frees a chunk that can't be found any more, soon, or when its last reader left.
   *
   * @param ref the chunk, unlinked before by a volatile write
   */
  public void retire(long ref) {
    retireLists[(int) Thread.currentThread().threadId() & (RETIRE_LISTS - 1)].add(ref);
  }

  /** Frees retired chunks whose readers have left, at once. */
  public void scan() {
    for (RetireList list : retireLists) {
      list.scan();
    }
  }

  int slotCount() {
    return ThreadSlots.COUNT + sharedCount;
  }

  /** Which chunks are announced by readers that did not see what was unlinked before this. */
  int snapshot(long[] refs) {
    fence();
    int found = 0;
    for (int slot = STRIDE; slot <= slotCount() * STRIDE; slot += STRIDE) {
      long ref = (long) SLOT.getVolatile(slots, slot);
      if (ref != ChunkRef.NONE) {
        refs[found++] = ref;
      }
    }
    return found;
  }

  private void fence() {
    if (processBarrier == null) {
      VarHandle.fullFence();
    } else {
      processBarrier.run();
    }
  }

  /**
   * Retired chunks that are not yet free.
   *
   * @return how many
   */
  public int pendingCount() {
    int pending = 0;
    for (RetireList list : retireLists) {
      pending += list.count();
    }
    return pending;
  }

  /** Waits until nobody reads and nothing is pending; for closing, when nobody new comes in. */
  public void awaitQuiescence() {
    fence();
    boolean interrupted = false;
    for (int slot = STRIDE; slot <= slotCount() * STRIDE; slot += STRIDE) {
      while ((long) SLOT.getVolatile(slots, slot) != ChunkRef.NONE) {
        LockSupport.parkNanos(this, PARK_NANOS);
        interrupted |= Thread.interrupted(); // else it would not park again
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    scan();
  }
}
