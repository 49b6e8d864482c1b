package dev.carafe.region;

import dev.carafe.base.Invariants;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Who may use which slot. One word a slot decides:
 *
 * <pre>
 *   31 .......... 1  0
 *   generation       taken
 * </pre>
 *
 * <p>Taking a slot and giving it back are one compare-and-set each. Hints tell where free slots
 * are: the bits here, and the items of magazines ({@link Magazines}). A hint may be wrong, since
 * the word decides. A free slot without any hint could never be found, so a thread that frees a
 * slot, or that removes a hint without taking the slot, leaves a hint.
 *
 * <ul>
 *   <li>1. A slot has at most one owner: its word is set to taken by exactly one thread.
 *   <li>2. A generation ends once: exactly one thread gives it back.
 *   <li>3. A thread that clears a bit tries to take that slot, or keeps the hint elsewhere.
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

  /** Takes a slot if it is free; its generation, or NONE. */
  int tryTake(int slot) {
    int state = (int) STATE.getOpaque(states, slot);
    return (state & TAKEN) == 0 && STATE.compareAndSet(states, slot, state, state | TAKEN)
        ? state >>> 1
        : NONE;
  }

  /** Gives a slot back, once; the caller leaves a hint. */
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

  /** A slot's generation, or NONE while it is free. */
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

  /** Leaves a hint: this slot may be free. */
  void addHint(int slot) {
    WORD.getAndBitwiseOr(freeBits, slot / Long.SIZE, 1L << slot);
  }

  /** Whether there is any hint here. */
  boolean hasHints() {
    for (int word = 0; word < freeBits.length; word++) {
      if ((long) WORD.getVolatile(freeBits, word) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Takes any slot that is on offer, or NONE. */
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
   * Moves the hints of one word to an empty magazine: first they are there, then no longer here.
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
              itemOfSlotZero + (long) word * Long.SIZE + bit); // the lowest last: it is next
        }
        WORD.getAndBitwiseAnd(freeBits, word, ~seen);
        magazine.cursor(word);
        return true;
      }
      word = word + 1 == words ? 0 : word + 1;
    }
    return false;
  }

  /** Leaves a hint for every slot that is free. */
  void addAllHints() {
    for (int slot = 0; slot < states.length; slot++) {
      if (isFree(slot)) {
        addHint(slot);
      }
    }
  }

  /**
   * Takes all slots at once, if all are free: then nobody else can have or get any.
   *
   * @return false if any was taken; then all that are free are on offer here
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

  /** Whether nothing is taken at this moment, or rather, at the moment each slot is looked at. */
  boolean isEmpty() {
    for (int slot = 0; slot < states.length; slot++) {
      if (!isFree(slot)) {
        return false;
      }
    }
    return true;
  }

  /** How many slots are free; true at some moment if others go on meanwhile. */
  int avail() {
    int taken = 0;
    for (int state : states) {
      taken += state & TAKEN;
    }
    return states.length - taken;
  }

  /** Checks, while nobody is inside a call, that every free slot can be found. */
  void checkInvariants(BitSet elsewhere) {
    int tail = slots() % Long.SIZE;
    if (tail != 0) {
      long beyond = (long) WORD.getOpaque(freeBits, freeBits.length - 1) >>> tail;
      Invariants.check(beyond == 0, "SlotTable 3: a bit past slot " + slots() + " is set");
    }
    for (int slot = 0; slot < slots(); slot++) {
      boolean hinted =
          elsewhere.get(slot) || (freeBits[slot / Long.SIZE] & (1L << slot)) != 0 || !isFree(slot);
      Invariants.check(hinted, "SlotTable 3: free slot " + slot + " is out of reach");
    }
  }
}
