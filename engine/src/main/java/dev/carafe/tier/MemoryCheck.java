package dev.carafe.tier;

import dev.carafe.base.Invariants;
import dev.carafe.region.ChunkPool;
import dev.carafe.region.ChunkRef;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Compares the entries, chunks and counters of a memory tier while no operation is in progress.
 *
 * <ul>
 *   <li>1. An entry of the index or the spill is live and owns its chunk.
 *   <li>2. An allocated chunk belongs to such an entry, or to a released entry that is pinned, or
 *       it is retired.
 *   <li>3. Every pin is a hold.
 *   <li>4. The counters equal the bytes of the values and the number of clean entries.
 * </ul>
 */
final class MemoryCheck {
  private final EntryChunks chunks;
  private final ChunkPool pool;
  private final int holds;
  private final Set<Entry> reachable = Collections.newSetFromMap(new IdentityHashMap<>());
  private long pins;
  private long valueBytes;
  private long cleanCount;
  private int ownerless;

  /**
   * Prepares one check.
   *
   * @param holds the number of holds
   */
  MemoryCheck(EntryChunks chunks, int holds) {
    this.chunks = chunks;
    this.holds = holds;
    this.pool = chunks.pool();
  }

  /**
   * Runs all checks.
   *
   * @param entries the entries of index and spill
   */
  void run(Collection<Entry> entries) {
    reachable.addAll(entries);
    reachable.forEach(this::checkReachable);
    chunks.hazardPointers().scan();
    pool.checkInvariants();
    pool.forEachTaken(this::checkTaken);
    int waiting = chunks.hazardPointers().pendingCount();
    Invariants.check(
        ownerless == waiting,
        "MemoryTier 2: " + ownerless + " chunks have no owner, " + waiting + " are retired");
    Invariants.check(
        pins == holds,
        "MemoryTier 3: entries have " + pins + " pins, of which " + holds + " are holds");
    Invariants.check(
        valueBytes == chunks.counters().valueBytes(),
        "MemoryTier 4: " + valueBytes + " B of values, counted " + chunks.counters().valueBytes());
    Invariants.check(
        cleanCount == chunks.counters().cleanCount(),
        "MemoryTier 4: "
            + cleanCount
            + " clean entries, counted "
            + chunks.counters().cleanCount());
  }

  private void checkReachable(Entry entry) {
    long ref = entry.ref();
    Invariants.check(entry.isLive(), "MemoryTier 1: index or spill has a released entry");
    Invariants.check(
        ref != ChunkRef.NONE && pool.owner(ref) == entry,
        "MemoryTier 1: an entry does not own its chunk " + ChunkRef.toString(ref));
    Invariants.check(
        pool.chunkBytes(ref) >= chunks.usedBytes(ref),
        "MemoryTier 1: a value is longer than its chunk " + ChunkRef.toString(ref));
  }

  private void checkTaken(long ref) {
    if (!(pool.owner(ref) instanceof Entry entry)) {
      ownerless++;
      return;
    }
    Invariants.check(
        entry.ref() == ref,
        "MemoryTier 2: chunk "
            + ChunkRef.toString(ref)
            + " belongs to an entry in "
            + ChunkRef.toString(entry.ref()));
    Invariants.check(
        reachable.contains(entry) || isReleasedButPinned(entry),
        "MemoryTier 2: chunk "
            + ChunkRef.toString(ref)
            + " belongs to an entry that is neither in index nor spill: "
            + entry);
    pins += entry.pinCount();
    valueBytes += chunks.valueBytesOf(ref);
    cleanCount += entry.isClean() ? 1 : 0;
  }

  private static boolean isReleasedButPinned(Entry entry) {
    return entry.isReleased() && entry.pinCount() > 0;
  }
}
