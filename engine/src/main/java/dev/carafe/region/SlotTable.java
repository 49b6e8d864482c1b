package dev.carafe.region;

import dev.carafe.base.Invariants;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The state of each slot of a region, in one word a slot:
 *
 * <pre>
 *   31 .......... 1  0
 *   generation       taken
 * </pre>
 *
 * <p>Taking and freeing a slot are one compare-and-set of the word each. Hints say which slots may
 * be free: the bits of this table, and the items of magazines ({@link Magazines}). A hint may be
 * wrong; the word decides. A free slot without a hint could never be found, so a thread that frees
 * a slot, or removes a hint without taking the slot, adds a hint.
 *
 * <ul>
 *   <li>1. A slot has at most one owner: exactly one thread sets its word to taken.
 *   <li>2. A generation ends once: exactly one thread frees it.
 *   <li>3. A thread that clears a bit tries to take the slot, or has added the hint to a magazine.
 * </ul>
 *
 * <p>Proved by {@code RegionTest}, {@code RegionModelTest} and {@code RegionStressTest}.
 */
abstract sealed class SlotTable permits Region {
  /** No slot, or no generation. */
  static final int NONE = -1;

  private static final VarHandle STATE = MethodHandles.arrayElementVarHandle(int[].class);
  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int TAKEN = 1;

  private final int[] states;
  private final long[] freeBits;

  SlotTable(int slots, int firstGeneration) {
    this.states = new int[slots];
    this.freeBits = new long[Math.ceilDiv(slots, Long.SIZE)];
    Arrays.fill(states, firstGeneration << 1);
    for (int word = 0; word < freeBits.length; word++) {
      int bits = Math.min(Long.SIZE, slots - word * Long.SIZE);
      freeBits[word] = bits == Long.SIZE ? -1L : (1L << bits) - 1;
    }
    VarHandle.releaseFence();
  }

  int slots() {
    return states.length;
  }

  /** Takes a slot. Returns its generation, or NONE if it is taken. */
  int tryTake(int slot) {
    int state = (int) STATE.getOpaque(states, slot);
    return (state & TAKEN) == 0 && STATE.compareAndSet(states, slot, state, state | TAKEN)
        ? state >>> 1
        : NONE;
  }

  /** Frees a slot. Returns false if it was freed before; otherwise the caller must add a hint. */
  boolean tryFree(int slot, int generation) {
    int state = generation << 1 | TAKEN;
    return STATE.compareAndSet(states, slot, state, state + 1);
  }

  boolean isFree(int slot) {
    return ((int) STATE.getAcquire(states, slot) & TAKEN) == 0;
  }

  boolean isTaken(int slot, int generation) {
    return (int) STATE.getAcquire(states, slot) == (generation << 1 | TAKEN);
  }

  /** A slot's generation, or NONE if it is free. */
  int generationIfTaken(int slot) {
    int state = (int) STATE.getOpaque(states, slot);
    return (state & TAKEN) == 0 ? NONE : state >>> 1;
  }

  int generation(int slot) {
    return (int) STATE.getOpaque(states, slot) >>> 1;
  }

  /** A generation that no slot has had. */
  int nextGeneration() {
    int highest = 0;
    for (int state : states) {
      highest = Math.max(highest, state >>> 1);
    }
    return highest + 1;
  }

  /** Adds a hint: the slot may be free. */
  void addHint(int slot) {
    WORD.getAndBitwiseOr(freeBits, slot / Long.SIZE, 1L << slot);
  }

  /** Whether this table has any hint. */
  boolean hasHints() {
    for (int word = 0; word < freeBits.length; word++) {
      if ((long) WORD.getVolatile(freeBits, word) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Takes any free slot that has a hint here, or returns NONE. */
  int takeHinted() {
    for (int word = 0; word < freeBits.length; word++) {
      long seen = (long) WORD.getVolatile(freeBits, word);
      while (seen != 0) {
        long bit = Long.lowestOneBit(seen);
        long before = (long) WORD.getAndBitwiseAnd(freeBits, word, ~bit);
        int slot = word * Long.SIZE + Long.numberOfTrailingZeros(bit);
        if ((before & bit) != 0 && tryTake(slot) != NONE) {
          return slot;
        }
        seen = before & ~bit;
      }
    }
    return NONE;
  }

  /**
   * Moves the hints of one word to an empty magazine. They are added there before they are removed
   * here.
   *
   * @param itemOfSlotZero added to each slot's number
   * @return whether there were any
   */
  boolean moveHintsTo(Magazine magazine, long itemOfSlotZero) {
    int words = freeBits.length;
    int word = words == 0 ? 0 : Math.floorMod(magazine.cursor(), words);
    for (int looked = 0; looked < words; looked++) {
      long seen = (long) WORD.getVolatile(freeBits, word);
      if (seen != 0) {
        for (long left = seen; left != 0; left &= ~Long.highestOneBit(left)) {
          int bit = Long.SIZE - 1 - Long.numberOfLeadingZeros(left);
          magazine.push(
              itemOfSlotZero + (long) word * Long.SIZE + bit); // lowest slot last: taken first
        }
        WORD.getAndBitwiseAnd(freeBits, word, ~seen);
        magazine.cursor(word);
        return true;
      }
      word = word + 1 == words ? 0 : word + 1;
    }
    return false;
  }

  /** Adds a hint for every free slot. */
  void addAllHints() {
    for (int slot = 0; slot < states.length; slot++) {
      if (isFree(slot)) {
        addHint(slot);
      }
    }
  }

  /**
   * Takes all slots if all are free, so that no other thread can take one.
   *
   * @return false if a slot was taken; then every free slot has a hint here
   */
  boolean claimAll() {
    for (int slot = 0; slot < states.length; slot++) {
      if (tryTake(slot) == NONE) {
        for (int undone = 0; undone < slot; undone++) {
          STATE.setVolatile(states, undone, states[undone] & ~TAKEN);
        }
        addAllHints();
        return false;
      }
    }
    return true;
  }

  /** Whether each slot was free at the moment when it was read. */
  boolean isEmpty() {
    for (int slot = 0; slot < states.length; slot++) {
      if (!isFree(slot)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The number of free slots; it may be out of date if other threads take or free slots meanwhile.
   */
  int avail() {
    int taken = 0;
    for (int state : states) {
      taken += state & TAKEN;
    }
    return states.length - taken;
  }

  /** Checks, while no call is in progress, that every free slot has a hint. */
  void checkInvariants(BitSet elsewhere) {
    int tail = slots() % Long.SIZE;
    if (tail != 0) {
      long beyond = (long) WORD.getOpaque(freeBits, freeBits.length - 1) >>> tail;
      Invariants.check(beyond == 0, "SlotTable 3: a bit past slot " + slots() + " is set");
    }
    for (int slot = 0; slot < slots(); slot++) {
      boolean hinted =
          elsewhere.get(slot) || (freeBits[slot / Long.SIZE] & (1L << slot)) != 0 || !isFree(slot);
      Invariants.check(hinted, "SlotTable 3: free slot " + slot + " has no hint");
    }
  }
}
