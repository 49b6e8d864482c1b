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
public final class Seats {
  /** How many there are; every seat's number is smaller. */
  public static final int COUNT = 64;

  /** No seat. */
  public static final int NONE = -1;

  private static final VarHandle ID = MethodHandles.arrayElementVarHandle(long[].class);

  /** Who sits there, by thread id. Written by whoever sits down, on its own seat only. */
  private static final long[] IDS = new long[COUNT];

  private static final AtomicReferenceArray<@Nullable WeakReference<Thread>> SITTING =
      new AtomicReferenceArray<>(COUNT);

  private Seats() {}

  /**
   * This thread's seat.
   *
   * @return its number, or {@link #NONE}
   */
  public static int mine() {
    Thread me = Thread.currentThread();
    int seat = (int) me.threadId() & (COUNT - 1);
    return IDS[seat] == me.threadId() ? seat : elsewhere(me, seat);
  }

  private static int elsewhere(Thread me, int first) {
    int second = first ^ (COUNT / 2);
    if (IDS[second] == me.threadId()) {
      return second;
    }
    if (me.isVirtual()) {
      return NONE;
    }
    return sitDown(me, first) ? first : sitDown(me, second) ? second : NONE;
  }

  /** What a dead thread did there happened before it was seen dead. */
  private static boolean sitDown(Thread me, int seat) {
    WeakReference<Thread> before = SITTING.get(seat);
    Thread sitting = before == null ? null : before.get();
    if (sitting != null && sitting.isAlive()) {
      return false;
    }
    boolean mine = SITTING.compareAndSet(seat, before, new WeakReference<>(me));
    if (mine) {
      ID.setRelease(IDS, seat, me.threadId());
    }
    return mine;
  }
}
