package dev.carafe.tier;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The state of an {@link Entry}: flags and the number of pins in one word, so that each transition
 * is one atomic operation.
 *
 * <pre>
 *   31        30         29     28              27          26
 *   RELEASED  RELOCATING CLEAN  EXPIRY_CHANGED  SUPERSEDED  TOO_LARGE
 *
 *   25        24       23       22      21      20          19 ... 0
 *   SHORTENED COUNTED  LISTING  LISTED  QUEUED  GENERATION  pins
 * </pre>
 */
abstract class EntryState {
  /** The cache has removed the entry. Its chunk is retired when the last pin ends. */
  static final int RELEASED = 1 << 31;

  /** One thread, which has the only pin, replaces the chunk. */
  static final int RELOCATING = 1 << 30;

  /** The file has this value. */
  static final int CLEAN = 1 << 29;

  /** The file has this value with another expiry time. */
  static final int EXPIRY_CHANGED = 1 << 28;

  /** The key has, or is about to get, another value or none. */
  static final int SUPERSEDED = 1 << 27;

  /** The value does not fit into an extent of the file. */
  static final int TOO_LARGE = 1 << 26;

  /** The file has this value with a later expiry time. */
  static final int SHORTENED = 1 << 25;

  /** The entry was counted when it was added to memory, so its release is counted too. */
  static final int COUNTED = 1 << 24;

  /** One thread adds the chunk to {@link RecentReads}. */
  static final int LISTING = 1 << 23;

  /** {@link RecentReads} may have the chunk. Set once. */
  static final int LISTED = 1 << 22;

  /** The entry is in a queue of dirty entries. */
  static final int QUEUED = 1 << 21;

  /** The parity of the generation of entries that this one belongs to. */
  static final int GENERATION = 1 << 20;

  static final int PINS = GENERATION - 1;

  static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(EntryState.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  volatile int state;

  /** Creates the state of an entry with one pin. */
  EntryState(boolean clean) {
    STATE.set(this, clean ? CLEAN | 1 : 1);
  }

  /**
   * Records that the expiry time has changed.
   *
   * @param earlier whether it is earlier than that of the file's record
   */
  void markExpiryChanged(boolean earlier) {
    if ((state & (CLEAN | EXPIRY_CHANGED)) == CLEAN) {
      STATE.getAndBitwiseOr(this, EXPIRY_CHANGED);
    }
    if (earlier && (state & (CLEAN | SHORTENED)) == CLEAN) {
      STATE.getAndBitwiseOr(this, SHORTENED);
    }
  }

  /** Returns whether the file has this value with a later expiry time and must not return it. */
  public boolean isShortened() {
    return (state & SHORTENED) != 0;
  }

  /** Records that the file has no such record any more. Returns true the first time. */
  public boolean clearShortened() {
    return ((int) STATE.getAndBitwiseAnd(this, ~SHORTENED) & SHORTENED) != 0;
  }

  /** Returns whether the file has this value, perhaps with another expiry time. */
  public boolean isClean() {
    return (state & CLEAN) != 0;
  }

  /**
   * Returns whether the file has this value with this expiry time.
   *
   * @return false if the entry is dirty
   */
  public boolean isRecordCurrent() {
    return (state & (CLEAN | EXPIRY_CHANGED)) == CLEAN;
  }

  /** Records that the file has this value and expiry time. Returns true the first time. */
  boolean markClean() {
    int before = (int) STATE.getAndBitwiseOr(this, CLEAN);
    if ((before & EXPIRY_CHANGED) != 0) {
      STATE.getAndBitwiseAnd(this, ~EXPIRY_CHANGED);
    }
    return (before & CLEAN) == 0;
  }

  /**
   * Returns whether the file has refused the value as too large for an extent.
   *
   * @return true if it must not be offered to the file again
   */
  public boolean isTooLarge() {
    return (state & TOO_LARGE) != 0;
  }

  /** Records that the file has refused the value as too large. Returns true the first time. */
  boolean markTooLarge() {
    return ((int) STATE.getAndBitwiseOr(this, TOO_LARGE) & TOO_LARGE) == 0;
  }

  /**
   * Records whether the counter of the entries added to memory includes this one.
   *
   * @param counted false if the publication failed
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

  /** Returns whether the entry is of this generation, and neither superseded nor released. */
  boolean isLive(int generation) {
    return (state & (SUPERSEDED | RELEASED | GENERATION)) == generation;
  }

  /** Sets the generation: 0 or {@link #GENERATION}. */
  void setGeneration(int generation) {
    if ((state & GENERATION) == generation) {
      return;
    }
    if (generation == 0) {
      STATE.getAndBitwiseAnd(this, ~GENERATION);
    } else {
      STATE.getAndBitwiseOr(this, GENERATION);
    }
  }

  /**
   * Pins the entry: its chunk is not relocated or retired until {@link Entry#unpin}.
   *
   * @return false if the entry was released
   */
  boolean pin() {
    for (; ; ) {
      int seen = state;
      if ((seen & RELEASED) != 0) {
        return false;
      }
      if ((seen & RELOCATING) != 0) {
        Thread.yield(); // the other thread copies one chunk
      } else if ((seen & PINS) == PINS) {
        throw new IllegalStateException("the entry has the maximum of " + PINS + " pins");
      } else if (STATE.compareAndSet(this, seen, seen + 1)) {
        return true;
      }
    }
  }

  /** Returns whether the table of recent reads may have the entry's chunk. */
  boolean isListed() {
    return (state & LISTED) != 0;
  }

  /**
   * Records whether the entry is in the queue of dirty entries. Guarded by the key's lock.
   *
   * @param queued whether it is in the queue
   */
  public void setQueued(boolean queued) {
    if (queued) {
      STATE.getAndBitwiseOr(this, QUEUED);
    } else {
      STATE.getAndBitwiseAnd(this, ~QUEUED);
    }
  }

  /**
   * Returns whether the entry is in the queue of dirty entries.
   *
   * @return the last argument of {@link #setQueued}, false at first
   */
  public boolean isQueued() {
    return (state & QUEUED) != 0;
  }

  /**
   * Returns the number of pins.
   *
   * @return a number that may change at any time
   */
  public int pinCount() {
    return state & PINS;
  }
}
