package dev.carafe.region;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The hands of all threads over one kind of thing, by seat.
 *
 * <p>Whoever looks for the last free thing looks in the common place first, then through all hands,
 * and again if meanwhile something went from a hand to the common place ({@link #moves}); so it can
 * miss nothing that was free all the while.
 */
final class Hands {
  private static final VarHandle HAND = MethodHandles.arrayElementVarHandle(Hand[].class);
  private static final VarHandle MOVES;

  static {
    try {
      MOVES = MethodHandles.lookup().findVarHandle(Hands.class, "moves", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final @Nullable Hand[] bySeat = new @Nullable Hand[Seats.COUNT];
  private volatile int moves;

  /** What takes hints, and says whether it needs another. */
  interface Taker {
    /** Whether the hint was good, and no more is needed. */
    boolean take(long item);
  }

  /** This thread's, or null if it has no seat, or the heap has no room for a first hand. */
  @Nullable Hand mine() {
    int seat = Seats.mine();
    if (seat < 0) {
      return null;
    }
    Hand hand = bySeat[seat];
    return hand != null ? hand : fresh(seat);
  }

  private @Nullable Hand fresh(int seat) {
    Hand hand;
    try {
      hand = new Hand();
    } catch (OutOfMemoryError e) {
      return null; // the caller may be giving back a chunk, which must not fail
    }
    hand.cursor(seat);
    HAND.setRelease(bySeat, seat, hand);
    return hand;
  }

  /** How often something went from a hand to the common place. */
  int moves() {
    return moves;
  }

  /** Between offering items in the common place and dropping them from a hand. */
  void moved() {
    MOVES.getAndAdd(this, 1);
  }

  /** Shows every item in any hand until one is taken. */
  boolean offerAll(Taker taker) {
    for (int seat = 0; seat < Seats.COUNT; seat++) {
      Hand hand = (Hand) HAND.getAcquire(bySeat, seat);
      int count = hand == null ? 0 : hand.count();
      for (int i = 0; hand != null && i < count; i++) {
        if (taker.take(hand.item(i))) {
          return true;
        }
      }
    }
    return false;
  }
}
