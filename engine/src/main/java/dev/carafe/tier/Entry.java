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
 * <p>The bytes in a chunk never change once the entry is published. What changes is the chunk
 * ({@link #ref()}), when the pool evacuates a region or the value is overwritten by one of the same
 * chunk size, and the state ({@link EntryState}).
 *
 * <ul>
 *   <li>1. {@code ref} is {@code ChunkRef.NONE} only after RELEASED was set and the last pin left;
 *       exactly one thread takes the ref out, and it retires the chunk.
 *   <li>2. While pins &gt; 0 the ref does not change, except by the one thread that set RELOCATING,
 *       which holds the only pin.
 *   <li>3. A RELEASED or RELOCATING entry is never pinned.
 *   <li>4. An entry is SUPERSEDED or RELEASED before its key gets another value or none, so one
 *       that is neither is the key's, however it was found.
 *   <li>5. While LISTING, a thread adds the entry's chunk to the table of recent reads. It holds a
 *       pin, and RELEASED is not set meanwhile. Only a chunk of a LISTED entry can be in the table.
 * </ul>
 *
 * <p>Scoped readers do not pin: they announce the ref in {@code HazardPointers} and look at {@link
 * #ref()} again. Leases, spills and moves pin.
 */
public class Entry extends EntryState {
  /** What {@link #release} returns the second time; no chunk has it. */
  static final long ALREADY_RELEASED = -1;

  private static final VarHandle REF;

  static {
    try {
      REF = MethodHandles.lookup().findVarHandle(Entry.class, "ref", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }

    // The JVM links a VarHandle's call when it is first made, which needs heap: each is made once
    // here. Otherwise the first relocation could begin and not end, and pins wait for it (F5).
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

  /** Starts with one pin, its creator's. */
  Entry(int keyHash, int indexHash, long ref, boolean clean) {
    super(clean);
    this.keyHash = keyHash;
    this.indexHash = indexHash;
    REF.setRelease(this, ref);
  }

  /**
   * Returns the hash that selects the key's lock, and its bucket in the table of recent reads.
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
   * When it expires.
   *
   * @return nanoseconds since the epoch, {@link Long#MAX_VALUE} for never
   */
  public long expiresAtNanos() {
    return Long.MAX_VALUE;
  }

  /**
   * Moves the end of its life, as expiry after access does.
   *
   * @param epochNanos nanoseconds since the epoch, {@link Long#MAX_VALUE} for never
   */
  public void setExpiresAt(long epochNanos) {
    if (epochNanos != Long.MAX_VALUE) {
      throw new IllegalStateException("an entry without a time can't expire");
    }
  }

  @Override
  public String toString() {
    return "entry of key hash %x in %s, state %x".formatted(keyHash, ChunkRef.toString(ref), state);
  }

  /** Which chunk holds it now, or NONE once it is gone. Volatile read. */
  long ref() {
    return ref;
  }

  /**
   * Gives a pin back.
   *
   * @return the chunk to retire, if this was the last pin of a released entry; else NONE
   */
  long unpin() {
    int before = (int) STATE.getAndAdd(this, -1);
    if ((before & PINS) == 0) {
      throw new IllegalStateException("an entry was unpinned more often than pinned");
    }
    boolean last = (before & PINS) == 1 && (before & RELEASED) != 0;
    return last ? (long) REF.getAndSet(this, 0L) : 0;
  }

  /**
   * Releases the entry. Only the first call counts.
   *
   * @return the chunk to retire if nothing pins it; else NONE, and the last pin's holder retires it
   */
  long release() {
    for (; ; ) {
      int seen = state;
      if ((seen & RELEASED) != 0) {
        return ALREADY_RELEASED;
      }
      if ((seen & LISTING) != 0) {
        Thread.yield(); // one store long
      } else if (STATE.compareAndSet(this, seen, seen | RELEASED)) {
        return (seen & PINS) == 0 ? (long) REF.getAndSet(this, 0L) : ChunkRef.NONE;
      }
    }
  }

  /**
   * Begins to add the entry's chunk to the table of recent reads. The caller holds the key's lock.
   *
   * @return the chunk; NONE if the entry is not its key's value any more, or its chunk is being
   *     relocated
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
   * Ends what {@link #beginListing} began.
   *
   * @return the chunk to retire, if the entry was released meanwhile; else NONE
   */
  long endListing() {
    STATE.getAndBitwiseAnd(this, ~LISTING);
    return unpin();
  }

  /**
   * Claims the entry for moving it; no reader may pin meanwhile.
   *
   * @return false if it is pinned or released
   */
  boolean beginRelocation() {
    int seen = state;
    return (seen & (RELEASED | RELOCATING | PINS)) == 0
        && STATE.compareAndSet(this, seen, (seen | RELOCATING) + 1);
  }

  /** The bytes lie in another chunk now; only between begin and end of a relocation. */
  void relocate(long newRef) {
    REF.setVolatile(this, newRef);
  }

  /**
   * The value is another one, in another chunk; only between begin and end of a relocation. Of the
   * file's records none holds it.
   *
   * @return whether the file held the former value
   */
  boolean overwrite(long newRef) {
    REF.setVolatile(this, newRef);
    int before =
        (int) STATE.getAndBitwiseAnd(this, ~(CLEAN | EXPIRY_CHANGED | SHORTENED | TOO_LARGE));
    return (before & CLEAN) != 0;
  }

  /**
   * Ends what {@link #beginRelocation} began.
   *
   * @return the chunk to retire if the cache has let go meanwhile; else NONE
   */
  long endRelocation() {
    STATE.getAndBitwiseAnd(this, ~RELOCATING);
    return unpin();
  }
}
