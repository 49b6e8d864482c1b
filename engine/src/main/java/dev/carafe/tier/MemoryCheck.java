package dev.carafe.tier;

import dev.carafe.base.Invariants;
import dev.carafe.region.ChunkPool;
import dev.carafe.region.ChunkRef;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Compares entries, chunks and counts of a memory tier, while no operation is under way.
 *
 * <ul>
 *   <li>1. An entry that a key leads to is live, and owns the chunk in which its value lies.
 *   <li>2. A chunk that is taken belongs to such an entry, to a released one that is pinned, or
 *       waits for its last reader.
 *   <li>3. Every pin is a hold.
 *   <li>4. The counted bytes and clean entries are those that are there.
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
   * For one check.
   *
   * @param holds how many holds there are
   */
  MemoryCheck(EntryChunks chunks, int holds) {
    this.chunks = chunks;
    this.holds = holds;
    this.pool = chunks.pool();
  }

  /**
   * Runs all checks.
   *
   * @param entries all that a key leads to
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
        "MemoryTier 2: " + ownerless + " chunks have no owner, " + waiting + " wait for a reader");
    Invariants.check(
        pins == holds, "MemoryTier 3: entries are pinned " + pins + " times, held " + holds);
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
    Invariants.check(entry.isLive(), "MemoryTier 1: the index leads to a released entry");
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
            + " belongs to an entry of no key: "
            + entry);
    pins += entry.pinCount();
    valueBytes += chunks.valueBytesOf(ref);
    cleanCount += entry.isClean() ? 1 : 0;
  }

  private static boolean isReleasedButPinned(Entry entry) {
    return entry.isReleased() && entry.pinCount() > 0;
  }
}
