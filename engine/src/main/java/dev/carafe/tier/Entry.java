package dev.carafe.tier;

import dev.carafe.region.ChunkRef;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A value in memory: the chunk that holds it, and its state. The index uses the entry both as key
 * and as value: its {@code hashCode} is the index hash of its key, whose bytes are in the chunk,
 * and {@code equals} is identity.
 *
 * <p>The bytes of a chunk do not change after its entry is published. The entry gets another chunk
 * ({@link #ref()}) when the pool evacuates its region, or when the value is overwritten by one of
 * the same chunk size. {@link EntryState} is the state.
 *
 * <ul>
 *   <li>1. {@code ref} is {@code ChunkRef.NONE} only after RELEASED was set and the last pin ended.
 *       Exactly one thread replaces the ref by NONE, and that thread retires the chunk.
 *   <li>2. While the entry is pinned, only the thread that set RELOCATING may change the ref. That
 *       thread has the only pin.
 *   <li>3. A RELEASED or RELOCATING entry can't be pinned.
 *   <li>4. An entry is SUPERSEDED or RELEASED, or its generation ends, before its key gets another
 *       value or none. An entry to which none of this applies holds the current value of its key.
 *   <li>5. While LISTING, a thread adds the entry's chunk to {@link RecentReads}. The thread has a
 *       pin, and RELEASED is not set meanwhile. The table has chunks of LISTED entries only.
 * </ul>
 *
 * <p>Scoped readers do not pin. They publish the ref in {@code HazardPointers} and read {@link
 * #ref()} again. Leases, spills and relocations pin.
 *
 * <p>Thread-safe. Proved by {@code StructuresTest}, {@code ColdEntryTest} and {@code
 * MemoryLincheckTest}.
 */
public class Entry extends EntryState {
  /** The result of a repeated {@link #release}. No chunk has this ref. */
  static final long ALREADY_RELEASED = -1;

  private static final VarHandle REF;

  static {
    try {
      REF = MethodHandles.lookup().findVarHandle(Entry.class, "ref", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }

    // The JVM links a VarHandle's call when it is first made, which needs heap. Each is made once
    // here. Otherwise, on a full heap, the first relocation could begin and not end (F5).
    Entry entry = new Entry(0, 0, 1, false);
    var _ = entry.markClean();
    entry.markExpiryChanged(true);
    var _ = entry.clearShortened();
    var _ = entry.markClean();
    var _ = entry.markTooLarge();
    var _ = entry.unpin();
    var _ = entry.beginRelocation();
    entry.relocate(1);
    var _ = entry.overwrite(1);
    entry.setQueued(true);
    entry.setQueued(false);
    var _ = entry.endRelocation();
    var _ = entry.beginListing();
    var _ = entry.endListing();
    entry.setGeneration(GENERATION);
    entry.setGeneration(0);
    entry.supersede();
    entry.setCounted(true);
    entry.setCounted(false);
    var _ = entry.pin();
    var _ = entry.release();
    var _ = entry.unpin();
  }

  private final int keyHash;
  private final int indexHash;
  private volatile long ref;

  /** Creates an entry with one pin, which its creator ends. */
  Entry(int keyHash, int indexHash, long ref, boolean clean) {
    super(clean);
    this.keyHash = keyHash;
    this.indexHash = indexHash;
    REF.setRelease(this, ref);
  }

  /**
   * Returns the hash that selects the key's lock and its set in the table of recent reads.
   *
   * @return {@link KeyHasher#keyHash} of the key
   */
  public int keyHash() {
    return keyHash;
  }

  /** Returns the index hash of the key. */
  @Override
  public int hashCode() {
    return indexHash;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  /**
   * Returns the expiry time.
   *
   * @return nanoseconds since the epoch, {@link Long#MAX_VALUE} for never
   */
  public long expiresAtNanos() {
    return Long.MAX_VALUE;
  }

  /**
   * Changes the expiry time, as expiry after access does.
   *
   * @param epochNanos nanoseconds since the epoch, {@link Long#MAX_VALUE} for never
   */
  public void setExpiresAt(long epochNanos) {
    if (epochNanos != Long.MAX_VALUE) {
      throw new IllegalStateException("the entry was created without an expiry time");
    }
  }

  @Override
  public String toString() {
    return "entry of key hash %x in %s, state %x".formatted(keyHash, ChunkRef.toString(ref), state);
  }

  /** Returns the chunk; NONE after the release and the end of the last pin. Volatile read. */
  long ref() {
    return ref;
  }

  /**
   * Ends a pin.
   *
   * @return the chunk to retire, if this was the last pin of a released entry; else NONE
   */
  long unpin() {
    int before = (int) STATE.getAndAdd(this, -1);
    if ((before & PINS) == 0) {
      throw new IllegalStateException("the entry has no pin to end: " + this);
    }
    boolean last = (before & PINS) == 1 && (before & RELEASED) != 0;
    return last ? (long) REF.getAndSet(this, 0L) : 0;
  }

  /**
   * Releases the entry.
   *
   * @return the chunk to retire; NONE if the entry is pinned, and the thread that ends the last pin
   *     retires the chunk; {@link #ALREADY_RELEASED} on a repeated call
   */
  long release() {
    for (; ; ) {
      int seen = state;
      if ((seen & RELEASED) != 0) {
        return ALREADY_RELEASED;
      }
      if ((seen & LISTING) != 0) {
        Thread.yield(); // the other thread makes one store
      } else if (STATE.compareAndSet(this, seen, seen | RELEASED)) {
        return (seen & PINS) == 0 ? (long) REF.getAndSet(this, 0L) : ChunkRef.NONE;
      }
    }
  }

  /**
   * Begins to add the entry's chunk to the table of recent reads. The caller holds the key's lock.
   *
   * @return the chunk; NONE if the entry was superseded or released, or is being relocated
   */
  long beginListing() {
    int seen = state;
    return (seen & (RELEASED | SUPERSEDED | RELOCATING | LISTING)) == 0
            && (seen & PINS) != PINS
            && STATE.compareAndSet(this, seen, (seen | LISTING | LISTED) + 1)
        ? ref
        : ChunkRef.NONE;
  }

  /**
   * Ends {@link #beginListing}.
   *
   * @return the chunk to retire, if this was the last pin of a released entry; else NONE
   */
  long endListing() {
    STATE.getAndBitwiseAnd(this, ~LISTING);
    return unpin();
  }

  /**
   * Claims the entry for a relocation. It can't be pinned until {@link #endRelocation}.
   *
   * @return false if it is pinned or released
   */
  boolean beginRelocation() {
    int seen = state;
    return (seen & (RELEASED | RELOCATING | PINS)) == 0
        && STATE.compareAndSet(this, seen, (seen | RELOCATING) + 1);
  }

  /** Sets the chunk to a copy of the old one. Called during a relocation. */
  void relocate(long newRef) {
    REF.setVolatile(this, newRef);
  }

  /**
   * Sets the chunk to one with another value, which the file does not have. Called during a
   * relocation.
   *
   * @return whether the file has the old value
   */
  boolean overwrite(long newRef) {
    REF.setVolatile(this, newRef);
    int before =
        (int) STATE.getAndBitwiseAnd(this, ~(CLEAN | EXPIRY_CHANGED | SHORTENED | TOO_LARGE));
    return (before & CLEAN) != 0;
  }

  /**
   * Ends {@link #beginRelocation}.
   *
   * @return the chunk to retire, if the entry was released meanwhile; else NONE
   */
  long endRelocation() {
    STATE.getAndBitwiseAnd(this, ~RELOCATING);
    return unpin();
  }
}
