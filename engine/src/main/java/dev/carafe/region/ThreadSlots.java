package dev.carafe.region;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Numbers for threads: whoever has a seat is alone on it for as long as it lives, so what is kept
 * by seat can be changed without an atomic operation.
 *
 * <p>Threads belong to the process, and so do seats. A seat is found by the thread's id in two
 * loads; a thread that finds both of its seats taken, and every virtual thread, has none and takes
 * the shared way. A dead thread's seat, with all that is kept there, goes to the next who asks.
 */
public final class ThreadSlots {
  /** How many there are; every seat's number is smaller. */
  public static final int COUNT = 64;

  /** No seat. */
  public static final int NONE = -1;

  private static final VarHandle OWNER_ID = MethodHandles.arrayElementVarHandle(long[].class);

  /** Who sits there, by thread id. Written by whoever sits down, on its own seat only. */
  private static final long[] OWNER_IDS = new long[COUNT];

  private static final AtomicReferenceArray<@Nullable WeakReference<Thread>> OWNERS =
      new AtomicReferenceArray<>(COUNT);

  private ThreadSlots() {}

  /**
   * This thread's seat.
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

  /** What a dead thread did there happened before it was seen dead. */
  private static boolean tryClaim(Thread me, int threadSlot) {
    WeakReference<Thread> before = OWNERS.get(threadSlot);
    Thread sitting = before == null ? null : before.get();
    if (sitting != null && sitting.isAlive()) {
      return false;
    }
    boolean mine = OWNERS.compareAndSet(threadSlot, before, new WeakReference<>(me));
    if (mine) {
      OWNER_ID.setRelease(OWNER_IDS, threadSlot, me.threadId());
    }
    return mine;
  }
}
