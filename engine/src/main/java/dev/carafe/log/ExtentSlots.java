package dev.carafe.log;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The fields of each extent slot in an {@link ExtentTable}. Guarded by the history lock, except
 * {@link #sequence} and {@link #salt}, which any thread may read. The number of slots never
 * decreases, since a reader may have the address of a record in a slot that the file has lost.
 */
final class ExtentSlots {
  private static final long NO_SEQUENCE = -1;

  ExtentTable.State[] states = {};
  long[] requiredSyncedSequences = {};
  long[] latestExpiryNanos = {};
  private volatile AtomicLongArray sequences = new AtomicLongArray(0);
  private volatile AtomicLongArray salts = new AtomicLongArray(0);

  /** Creates clean slots. */
  ExtentSlots(int count) {
    ensureCount(count);
  }

  /** Adds clean slots up to a number. A reader of the old arrays reads what they had before. */
  void ensureCount(int count) {
    int before = states.length;
    if (count <= before) {
      return;
    }
    states = Arrays.copyOf(states, count);
    Arrays.fill(states, before, count, ExtentTable.State.CLEAN);
    requiredSyncedSequences = Arrays.copyOf(requiredSyncedSequences, count);
    latestExpiryNanos = Arrays.copyOf(latestExpiryNanos, count);
    AtomicLongArray moreSequences = new AtomicLongArray(count);
    AtomicLongArray moreSalts = new AtomicLongArray(count);
    for (int slot = 0; slot < count; slot++) {
      moreSequences.set(slot, slot < before ? sequences.get(slot) : NO_SEQUENCE);
      moreSalts.set(slot, slot < before ? salts.get(slot) : 0);
    }
    salts = moreSalts;
    sequences = moreSequences;
  }

  int count() {
    return states.length;
  }

  /** The sequence of the extent in a slot, negative if the slot is clean. A volatile read. */
  long sequence(int slot) {
    return sequences.get(slot);
  }

  /** The salt of the extent in a slot. A volatile read. */
  long salt(int slot) {
    return salts.get(slot);
  }

  /** Sets the extent in a slot: the salt first, since readers read the sequence first. */
  void setExtent(int slot, long sequence, long salt) {
    salts.set(slot, salt);
    sequences.set(slot, sequence);
  }

  void removeExtent(int slot) {
    sequences.set(slot, NO_SEQUENCE);
  }
}
