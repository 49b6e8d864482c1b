package dev.carafe.region;

import dev.carafe.base.Bits;
import dev.carafe.base.StackReserve;
import dev.carafe.base.UninterruptibleWait;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Hazard pointers (M. Michael, 2004): a chunk that was unlinked is freed only after its last reader
 * exited (contract M1).
 *
 * <p>A reader publishes the chunk in a hazard slot, then checks that the chunk is still linked. A
 * thread that retires a chunk first unlinks it, then reads all slots. Each side writes before it
 * reads, and the four accesses have one total order, so at least one side sees the other's write.
 * Slots are 128 bytes apart, so that readers on different processors share no cache line.
 *
 * <p>The order needs a full fence between the reader's write and its read. If the system has
 * membarrier(2), the thread that scans the slots makes this fence on all threads, and a read costs
 * two plain stores. Otherwise each reader makes it
 * (docs/decisions/0008-the-retiring-thread-makes-the-fence.md).
 *
 * <p>Thread-safe. A thread with a thread slot ({@link ThreadSlots}) uses the hazard slot of that
 * number. Threads without one, and nested reads, share the hazard slots after those, so a virtual
 * thread may block during a read.
 */
public final class HazardPointers {
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int STRIDE = 16;
  private static final int PROBES = 16;
  private static final int MAX_RETIRE_LISTS = 8;

  /**
   * A scan runs when the retired chunks exceed this fraction of the memory, 1/64, which is a
   * quarter of the memory that the memory tier keeps free. A scan interrupts the other processors,
   * so each scan must free many chunks.
   */
  private static final int RETIRED_SHARE = 64;

  private static final long PARK_NANOS = 100_000;
  private static final UninterruptibleWait.Wait<HazardPointers> READER_EXITED =
      (pointers, slot, _) -> pointers.parkWhileRead(slot);

  private final @Nullable Runnable processBarrier;
  private final int sharedCount;
  private final long[] slots;

  /** Chosen by thread id, so that threads that retire chunks seldom contend. */
  private final RetireList[] retireLists;

  /**
   * Creates hazard pointers without readers.
   *
   * @param pool the pool of the retired chunks
   * @param processBarrier makes a full fence on every running thread of the process; null if the
   *     system has none, and each reader makes its own
   */
  public HazardPointers(ChunkPool pool, @Nullable Runnable processBarrier) {
    this.processBarrier = processBarrier;
    int processors = Runtime.getRuntime().availableProcessors();
    this.sharedCount = Math.clamp(Bits.ceilPow2(4 * processors), 16, 256);
    this.slots = new long[(ThreadSlots.COUNT + sharedCount + 2) * STRIDE];
    this.retireLists =
        new RetireList[Math.clamp(Bits.ceilPow2(2 * processors), 2, MAX_RETIRE_LISTS)];
    int share = RETIRED_SHARE * retireLists.length;
    Arrays.setAll(retireLists, list -> new RetireList(this, pool, share));
  }

  /**
   * Publishes the chunk that the caller reads. The caller must check afterwards that the chunk is
   * still linked.
   *
   * @param ref the chunk; its generation is ignored, so it may be a {@linkplain ChunkRef#tagged
   *     tagged ref}
   * @return the argument for {@link #exit}; negative if all slots that the thread may use are taken
   */
  public int enter(long ref) {
    StackReserve.check(StackReserve.READ_KIB); // so that exit does not overflow the stack
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

  /** Publishes the chunk. A scan sees this write before the caller's later reads. */
  private void publish(int slot, long ref) {
    SLOT.setRelease(slots, slot, ref);
    if (processBarrier == null) {
      VarHandle.fullFence();
    } else {
      VarHandle.acquireFence(); // no instruction; the compiler moves no read across it
    }
  }

  /** For a thread without a thread slot, or a nested read. */
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
   * Ends a read.
   *
   * @param slot returned by {@link #enter}
   */
  public void exit(int slot) {
    SLOT.setRelease(slots, slot, ChunkRef.NONE);
  }

  /**
   * Returns whether the calling thread is inside a read.
   *
   * @return true between {@link #enter} and {@link #exit}
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
   * Retires an unlinked chunk. A later scan frees it when it has no readers.
   *
   * @param ref the chunk, which the caller has unlinked by a volatile write
   */
  public void retire(long ref) {
    retireLists[(int) Thread.currentThread().threadId() & (retireLists.length - 1)].add(ref);
  }

  /** Frees all retired chunks without readers now. One fence serves all lists. */
  public void scan() {
    if (pendingCount() == 0) {
      return;
    }
    try {
      for (RetireList list : retireLists) {
        list.lock.lock();
      }
      fence();
      for (RetireList list : retireLists) {
        list.freeUnprotected();
      }
    } finally {
      for (RetireList list : retireLists) {
        if (list.lock.isHeldByCurrentThread()) {
          list.lock.unlock();
        }
      }
    }
  }

  int slotCount() {
    return ThreadSlots.COUNT + sharedCount;
  }

  /**
   * Copies the refs that readers have published; returns their number. A reader that publishes a
   * chunk later sees that the chunk was unlinked before the last {@link #fence}.
   */
  int snapshot(long[] refs) {
    int found = 0;
    for (int slot = STRIDE; slot <= slotCount() * STRIDE; slot += STRIDE) {
      long ref = (long) SLOT.getVolatile(slots, slot);
      if (ref != ChunkRef.NONE) {
        refs[found++] = ref;
      }
    }
    return found;
  }

  /** A full fence between the writes of all readers and the caller's later reads of the slots. */
  void fence() {
    if (processBarrier == null) {
      VarHandle.fullFence();
    } else {
      processBarrier.run();
    }
  }

  /**
   * Returns the number of retired chunks that are not freed yet.
   *
   * @return a count
   */
  public int pendingCount() {
    int pending = 0;
    for (RetireList list : retireLists) {
      pending += list.count();
    }
    return pending;
  }

  /**
   * Waits until all readers have exited, then frees all retired chunks. Called by closing, when no
   * new reader can enter.
   */
  public void awaitQuiescence() {
    fence();
    for (int slot = STRIDE; slot <= slotCount() * STRIDE; slot += STRIDE) {
      var _ = UninterruptibleWait.await(this, slot, UninterruptibleWait.FOREVER, READER_EXITED);
    }
    scan();
  }

  private boolean parkWhileRead(long slot) {
    if ((long) SLOT.getVolatile(slots, (int) slot) == ChunkRef.NONE) {
      return true;
    }
    LockSupport.parkNanos(this, PARK_NANOS);
    return (long) SLOT.getVolatile(slots, (int) slot) == ChunkRef.NONE;
  }
}
