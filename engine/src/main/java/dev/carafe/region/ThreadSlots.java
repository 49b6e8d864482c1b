package dev.carafe.region;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Small numbers for threads. A thread slot belongs to one thread for as long as the thread lives,
 * so data kept per slot can be changed without an atomic operation.
 *
 * <p>Slots are global to the process. A thread id maps to two candidate slots, so a look-up takes
 * two loads. A thread whose candidates are both taken, and every virtual thread, has no slot, and
 * its callers use shared data. A later thread can claim the slot of a dead thread, with the data
 * kept for it.
 */
public final class ThreadSlots {
  /** Number of thread slots; they are numbered from 0. */
  public static final int COUNT = 64;

  /** No thread slot. */
  public static final int NONE = -1;

  private static final VarHandle OWNER_ID = MethodHandles.arrayElementVarHandle(long[].class);

  /**
   * By slot: the id of its thread. A thread writes only its own id, into the slot that it claimed.
   */
  private static final long[] OWNER_IDS = new long[COUNT];

  private static final AtomicReferenceArray<@Nullable WeakReference<Thread>> OWNERS =
      new AtomicReferenceArray<>(COUNT);

  private ThreadSlots() {}

  /**
   * Returns the calling thread's slot, and claims one if the thread has none.
   *
   * @return its number, or {@link #NONE}
   */
  public static int current() {
    Thread me = Thread.currentThread();
    int threadSlot = (int) me.threadId() & (COUNT - 1);
    return OWNER_IDS[threadSlot] == me.threadId() ? threadSlot : find(me, threadSlot);
  }

  private static int find(Thread me, int first) {
    int second = first ^ (COUNT / 2);
    if (OWNER_IDS[second] == me.threadId()) {
      return second;
    }
    if (me.isVirtual()) {
      return NONE;
    }
    return tryClaim(me, first) ? first : tryClaim(me, second) ? second : NONE;
  }

  /**
   * Thread.isAlive() returning false orders the dead thread's writes before this thread's reads.
   */
  private static boolean tryClaim(Thread me, int threadSlot) {
    WeakReference<Thread> before = OWNERS.get(threadSlot);
    Thread holder = before == null ? null : before.get();
    if (holder != null && holder.isAlive()) {
      return false;
    }
    WeakReference<Thread> owner;
    try {
      owner = new WeakReference<>(me);
    } catch (OutOfMemoryError e) {
      return false; // the caller may be freeing a chunk, which must not fail
    }
    boolean mine = OWNERS.compareAndSet(threadSlot, before, owner);
    if (mine) {
      OWNER_ID.setRelease(OWNER_IDS, threadSlot, me.threadId());
    }
    return mine;
  }
}
