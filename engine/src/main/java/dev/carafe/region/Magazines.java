package dev.carafe.region;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The magazines of all threads over one kind of thing, by seat.
 *
 * <p>Whoever looks for the last free thing looks in the common place first, then through all
 * magazines, and again if meanwhile something went from a magazine to the common place ({@link
 * #transfers}); so it can miss nothing that was free all the while.
 */
final class Magazines {
  private static final VarHandle MAGAZINE = MethodHandles.arrayElementVarHandle(Magazine[].class);
  private static final VarHandle TRANSFERS;

  static {
    try {
      TRANSFERS = MethodHandles.lookup().findVarHandle(Magazines.class, "transfers", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final @Nullable Magazine[] bySeat = new @Nullable Magazine[Seats.COUNT];
  private volatile int transfers;

  /** What takes hints, and says whether it needs another. */
  interface Taker {
    /** Whether the hint was good, and no more is needed. */
    boolean take(long item);
  }

  /** This thread's, or null if it has no seat, or the heap has no room for a first magazine. */
  @Nullable Magazine mine() {
    int seat = Seats.mine();
    if (seat < 0) {
      return null;
    }
    Magazine magazine = bySeat[seat];
    return magazine != null ? magazine : fresh(seat);
  }

  private @Nullable Magazine fresh(int seat) {
    Magazine magazine;
    try {
      magazine = new Magazine();
    } catch (OutOfMemoryError e) {
      return null; // the caller may be giving back a chunk, which must not fail
    }
    magazine.cursor(seat);
    MAGAZINE.setRelease(bySeat, seat, magazine);
    return magazine;
  }

  /** How often something went from a magazine to the common place. */
  int transfers() {
    return transfers;
  }

  /** Between offering items in the common place and dropping them from a magazine. */
  void transferred() {
    TRANSFERS.getAndAdd(this, 1);
  }

  /** Shows every item in any magazine until one is taken. */
  boolean offerAll(Taker taker) {
    for (int seat = 0; seat < Seats.COUNT; seat++) {
      Magazine magazine = (Magazine) MAGAZINE.getAcquire(bySeat, seat);
      int count = magazine == null ? 0 : magazine.count();
      for (int i = 0; magazine != null && i < count; i++) {
        if (taker.take(magazine.item(i))) {
          return true;
        }
      }
    }
    return false;
  }
}
