package dev.carafe.tier;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The state of an {@link Entry}, in one word, so that each transition is one atomic step.
 *
 * <pre>
 *   31        30         29     28              27          26
 *   RELEASED  RELOCATING CLEAN  EXPIRY_CHANGED  SUPERSEDED  TOO_LARGE
 *
 *   25        24       23       22      21      20 ........ 0
 *   SHORTENED COUNTED  LISTING  LISTED  QUEUED  pins
 * </pre>
 */
abstract class EntryState {
  static final int RELEASED = 1 << 31;
  static final int RELOCATING = 1 << 30;
  static final int CLEAN = 1 << 29;
  static final int EXPIRY_CHANGED = 1 << 28;
  static final int SUPERSEDED = 1 << 27;
  static final int TOO_LARGE = 1 << 26;

  /** The file has this very value with a later end. */
  static final int SHORTENED = 1 << 25;

  /** It was counted when it was added to memory, so its release is counted, too. */
  static final int COUNTED = 1 << 24;

  static final int LISTING = 1 << 23;
  static final int LISTED = 1 << 22;
  static final int QUEUED = 1 << 21;
  static final int PINS = QUEUED - 1;

  static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(EntryState.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  volatile int state;

  /** Starts with one pin, its creator's. */
  EntryState(boolean clean) {
    STATE.set(this, clean ? CLEAN | 1 : 1);
  }

  /**
   * Records that its expiry changed.
   *
   * @param earlier whether it ends earlier than the file's record of it
   */
  void markExpiryChanged(boolean earlier) {
    if ((state & (CLEAN | EXPIRY_CHANGED)) == CLEAN) {
      STATE.getAndBitwiseOr(this, EXPIRY_CHANGED);
    }
    if (earlier && (state & (CLEAN | SHORTENED)) == CLEAN) {
      STATE.getAndBitwiseOr(this, SHORTENED);
    }
  }

  /** Whether the file has a record of this value that ends later, which must not be read. */
  public boolean isShortened() {
    return (state & SHORTENED) != 0;
  }

  /** The file has no such record any more; returns true the first time. */
  public boolean clearShortened() {
    return ((int) STATE.getAndBitwiseAnd(this, ~SHORTENED) & SHORTENED) != 0;
  }

  /** Whether the file was seen to hold this very value. */
  public boolean isClean() {
    return (state & CLEAN) != 0;
  }

  /**
   * Whether the file's record is as good as this entry: the same value, and the same expiry.
   *
   * @return false if the entry would have to be written
   */
  public boolean isRecordCurrent() {
    return (state & (CLEAN | EXPIRY_CHANGED)) == CLEAN;
  }

  /** The file holds this very value now. Returns true the first time. */
  boolean markClean() {
    int before = (int) STATE.getAndBitwiseOr(this, CLEAN);
    if ((before & EXPIRY_CHANGED) != 0) {
      STATE.getAndBitwiseAnd(this, ~EXPIRY_CHANGED);
    }
    return (before & CLEAN) == 0;
  }

  /**
   * Whether no extent of the file can hold it, as was found out.
   *
   * @return true if it is not to be offered to the file again
   */
  public boolean isTooLarge() {
    return (state & TOO_LARGE) != 0;
  }

  /** No extent of the file can hold it. Returns true the first time. */
  boolean markTooLarge() {
    return ((int) STATE.getAndBitwiseOr(this, TOO_LARGE) & TOO_LARGE) == 0;
  }

  /**
   * Says whether a counter of the entries added to memory includes this one.
   *
   * @param counted false if its publication failed
   */
  public void setCounted(boolean counted) {
    if (counted) {
      STATE.getAndBitwiseOr(this, COUNTED);
    } else {
      STATE.getAndBitwiseAnd(this, ~COUNTED);
    }
  }

  /**
   * Returns whether the release of this entry has to be counted.
   *
   * @return the last argument of {@link #setCounted}, false at first
   */
  public boolean isCounted() {
    return (state & COUNTED) != 0;
  }

  /**
   * Returns whether the cache has released the entry.
   *
   * @return true from the release on, also while the entry is pinned
   */
  public boolean isReleased() {
    return (state & RELEASED) != 0;
  }

  /** Marks the entry before its key gets another value or none. */
  public void supersede() {
    STATE.getAndBitwiseOr(this, SUPERSEDED);
  }

  /**
   * Whether it is its key's value at this moment.
   *
   * @return false if it was superseded or released
   */
  public boolean isLive() {
    return (state & (SUPERSEDED | RELEASED)) == 0;
  }

  /**
   * Keeps the chunk where it is.
   *
   * @return false if the cache has let go of this entry
   */
  boolean pin() {
    for (; ; ) {
      int seen = state;
      if ((seen & RELEASED) != 0) {
        return false;
      }
      if ((seen & RELOCATING) != 0) {
        Thread.yield(); // one memcpy long
      } else if ((seen & PINS) == PINS) {
        throw new IllegalStateException("an entry is pinned " + PINS + " times");
      } else if (STATE.compareAndSet(this, seen, seen + 1)) {
        return true;
      }
    }
  }

  /** Whether the table of recent reads may hold the entry's chunk. */
  boolean isListed() {
    return (state & LISTED) != 0;
  }

  /**
   * Records whether the entry is in the queue of values that the file does not hold yet. Guarded by
   * the key's lock.
   *
   * @param queued whether it is
   */
  public void setQueued(boolean queued) {
    if (queued) {
      STATE.getAndBitwiseOr(this, QUEUED);
    } else {
      STATE.getAndBitwiseAnd(this, ~QUEUED);
    }
  }

  /**
   * Returns whether the entry is in the queue of values that the file does not hold yet.
   *
   * @return the last argument of {@link #setQueued}, false at first
   */
  public boolean isQueued() {
    return (state & QUEUED) != 0;
  }

  /**
   * Returns how often its creator, leases or relocations keep its chunk where it is.
   *
   * @return the pins at this moment
   */
  public int pinCount() {
    return state & PINS;
  }
}
