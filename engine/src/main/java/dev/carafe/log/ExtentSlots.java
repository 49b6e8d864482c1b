package dev.carafe.log;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The fields of each extent slot in an {@link ExtentTable}. Guarded by the history lock, except
 * {@link #sequence} and {@link #salt}, which any thread may read.
 */
final class ExtentSlots {
  private static final long NO_SEQUENCE = -1;

  final ExtentTable.State[] states;
  final long[] requiredSyncedSequences;
  final long[] latestExpiryNanos;
  private final AtomicLongArray sequences;
  private final AtomicLongArray salts;

  /** Creates clean slots. */
  ExtentSlots(int count) {
    this.states = new ExtentTable.State[count];
    this.requiredSyncedSequences = new long[count];
    this.latestExpiryNanos = new long[count];
    this.sequences = new AtomicLongArray(count);
    this.salts = new AtomicLongArray(count);
    for (int slot = 0; slot < count; slot++) {
      states[slot] = ExtentTable.State.CLEAN;
      sequences.set(slot, NO_SEQUENCE);
    }
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
