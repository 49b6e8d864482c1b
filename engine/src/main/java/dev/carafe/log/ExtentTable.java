package dev.carafe.log;

import dev.carafe.base.Invariants;

/**
 * The state of each extent. Only this class changes it.
 *
 * <pre>
 *   CLEAN ──open──► OPEN ──seal──► SEALED ──reclaim──► RECLAIMING ──clean──► CLEAN
 * </pre>
 *
 * <ul>
 *   <li>1. The log is {@code [oldest, next)}: the extents of these sequences are not clean, all
 *       others are. Sequence s lies at slot s mod N.
 *   <li>2. At most one is OPEN, the newest; at most one RECLAIMING, the oldest.
 *   <li>3. A clean extent is opened again only after the copies of its records and the TAIL record
 *       that excludes it are synced; otherwise a power cut could lose both copies (D3).
 *   <li>4. No record of a clean extent is in the index.
 * </ul>
 *
 * <p>Guarded by the history lock, except {@link #sequenceAt} and {@link #saltAt}, which any thread
 * may read.
 */
public final class ExtentTable {
  /** The state of an extent. */
  public enum State {
    /** It holds no live record and can be opened. */
    CLEAN,
    /** The writer appends to it. */
    OPEN,
    /** It is complete, with its directory. */
    SEALED,
    /** Its live records are being copied to the end of the log. */
    RECLAIMING
  }

  private Geometry geometry;
  private final LogClock clock = new LogClock();
  private final ExtentSlots slots;
  private final LiveBytes live;
  private final CleanExtents clean;
  private long oldest = 1;
  private long next = 1;
  private boolean oldestHasUnindexed;
  private long newestDiscardedSequence;

  /**
   * Creates a table of clean extents.
   *
   * @param geometry of the file
   */
  public ExtentTable(Geometry geometry) {
    this.geometry = geometry;
    this.slots = new ExtentSlots(geometry.slotCount());
    this.live = new LiveBytes(geometry);
    this.clean = new CleanExtents(geometry, slots);
  }

  /**
   * Sets the log to [oldest, next) after recovery. All its extents are sealed, except the last if
   * it is unfinished.
   */
  void restore(
      long oldestFound,
      long nextFound,
      long[] saltsFound,
      long[] expiriesFound,
      boolean unfinished) {
    oldest = oldestFound;
    next = nextFound;
    for (long sequence = oldest; sequence < next; sequence++) {
      int slot = geometry.slotOf(sequence);
      slots.latestExpiryNanos[slot] = expiriesFound[slot];
      slots.setExtent(slot, sequence, saltsFound[slot]);
      slots.states[slot] = unfinished && sequence == next - 1 ? State.OPEN : State.SEALED;
    }
    long first = next;
    while (first < oldest + geometry.extentCount() && saltsFound[geometry.slotOf(first)] == 0) {
      first++; // the slot holds no older extent
    }
    clean.restore(first);
  }

  /**
   * The clock of the log's expiry times.
   *
   * @return the clock
   */
  public LogClock clock() {
    return clock;
  }

  /**
   * The live bytes of each extent.
   *
   * @return the counts
   */
  public LiveBytes live() {
    return live;
  }

  /** The sequence of the extent in a slot, negative if the slot is clean. A volatile read. */
  long sequenceAt(int slot) {
    return slots.sequence(slot);
  }

  /**
   * The salt of the record checksums of an extent. A volatile read; read the sequence before it.
   */
  long saltAt(int slot) {
    return slots.salt(slot);
  }

  long oldest() {
    return oldest;
  }

  /** The sequence of the next extent to open. */
  long next() {
    return next;
  }

  /**
   * The newest extent of the log.
   *
   * @return its sequence, 0 if there is none
   */
  public long newestSequence() {
    return next - 1;
  }

  /**
   * The number of clean extents.
   *
   * @return their number
   */
  public int cleanCount() {
    return clean.limits().maxExtents(geometry.extentCount()) - (int) (next - oldest);
  }

  /** Whether the slot of the next extent may be overwritten (invariant 3). */
  boolean canOpen(long syncedSequence) {
    return cleanCount() > 0 && clean.canOpen(next, syncedSequence);
  }

  /** The clean extents. */
  CleanExtents clean() {
    return clean;
  }

  /** Adopts a geometry with other slots. The extents of the log keep theirs. */
  void adopt(Geometry changed) {
    geometry = changed;
    slots.ensureCount(changed.slotCount());
    live.adopt(changed);
    clean.adopt(changed, next);
  }

  /** Opens the next extent. */
  long open(long salt) {
    Invariants.check(cleanCount() > 0, "ExtentTable 1: no extent is clean");
    long sequence = next++;
    int slot = geometry.slotOf(sequence);
    transition(sequence, State.CLEAN, State.OPEN);
    slots.setExtent(slot, sequence, salt);
    return sequence;
  }

  void seal(long sequence, long latestExpiry) {
    transition(sequence, State.OPEN, State.SEALED);
    slots.latestExpiryNanos[geometry.slotOf(sequence)] = latestExpiry;
  }

  /**
   * The expiry time of the value of a sealed extent that expires last; the maximum if it is not
   * known.
   */
  long latestExpiryNanos(long sequence) {
    int slot = geometry.slotOf(sequence);
    State state = slots.states[slot];
    boolean isKnown = state == State.SEALED || state == State.RECLAIMING;
    return isKnown && clock.isWallClock() ? slots.latestExpiryNanos[slot] : Long.MAX_VALUE;
  }

  /** Begins to reclaim the oldest extent; false if it is not sealed. */
  boolean beginReclaim() {
    if (oldest == next || slots.states[geometry.slotOf(oldest)] != State.SEALED) {
      return false;
    }
    transition(oldest, State.SEALED, State.RECLAIMING);
    return true;
  }

  /** Returns the oldest extent to the state SEALED. */
  void cancelReclaim() {
    transition(oldest, State.RECLAIMING, State.SEALED);
  }

  /** Removes the oldest extent from the log. */
  void endReclaim() {
    int slot = geometry.slotOf(oldest);
    transition(oldest, State.RECLAIMING, State.CLEAN);
    slots.removeExtent(slot);
    slots.requiredSyncedSequences[slot] = next - 1;
    oldestHasUnindexed = false;
    live.clear(slot);
    oldest++;
    clean.limits().onReclaimed(next - oldest);
  }

  /**
   * Records that the index dropped a live record of the oldest extent. The file has no trace of
   * that before the TAIL record.
   */
  void markOldestUnindexed() {
    oldestHasUnindexed = true;
  }

  /**
   * Records that a read dropped a record from the index.
   *
   * @param cache the number of its cache
   * @param address of the record
   * @param recoverable whether recovery may find the record again
   */
  public void discardRecord(int cache, long address, boolean recoverable) {
    live.remove(cache, address);
    if (recoverable) {
      newestDiscardedSequence =
          Math.max(newestDiscardedSequence, slots.sequence(RecordAddress.slot(address)));
    }
  }

  /**
   * Whether the log holds records that the index dropped and that recovery may find again. While it
   * does, the removal of a key needs a tombstone even if the key has no record in the index (R2).
   *
   * @return true from the first such record until its extent leaves the log
   */
  public boolean holdsUnindexedRecords() {
    return oldestHasUnindexed || newestDiscardedSequence >= oldest;
  }

  private void transition(long sequence, State from, State to) {
    int slot = geometry.slotOf(sequence);
    if (slots.states[slot]
        != from) { // creates the message only on failure, since the heap may be full
      Invariants.check(
          false, "ExtentTable: extent " + sequence + " is " + slots.states[slot] + ", not " + from);
    }
    slots.states[slot] = to;
  }

  /**
   * Checks the invariants, and the counted bytes against the records of the index.
   *
   * @param index the records of the index
   */
  public void checkInvariants(RecordIndex index) {
    index.forEach((hash, address) -> {
      int slot = RecordAddress.slot(address);
      Invariants.check(
          slots.states[slot] != State.CLEAN,
          "ExtentTable 4: a record lies in the clean slot " + slot);
    });
    live.checkInvariants(index);
    checkInvariants();
  }

  /** Checks the invariants. */
  public void checkInvariants() {
    Invariants.check(
        next - oldest >= 0 && next - oldest <= geometry.extentCount(),
        "ExtentTable 1: the log is [" + oldest + ", " + next + ")");
    for (int slot = 0; slot < slots.count(); slot++) {
      long sequence = slots.sequence(slot);
      boolean inLog = sequence >= oldest && sequence < next;
      Invariants.check(
          inLog == (slots.states[slot] != State.CLEAN),
          "ExtentTable 1: extent slot " + slot + " is " + slots.states[slot]);
      Invariants.check(
          slots.states[slot] != State.OPEN || sequence == next - 1,
          "ExtentTable 2: an extent other than the newest is open");
      Invariants.check(
          slots.states[slot] != State.RECLAIMING || sequence == oldest,
          "ExtentTable 2: an extent other than the oldest is reclaimed");
    }
    live.checkSum();
  }
}
