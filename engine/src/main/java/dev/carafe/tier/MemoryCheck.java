package dev.carafe.tier;

import dev.carafe.base.Invariants;
import dev.carafe.region.ChunkPool;
import dev.carafe.region.ChunkRef;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
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
  private final SharedMemory memory;
  private final ChunkPool pool;
  private final List<EntryChunks> caches;
  private final Set<Entry> reachable = Collections.newSetFromMap(new IdentityHashMap<>());
  private long pins;
  private long valueBytes;
  private long cleanCount;
  private int ownerless;

  /**
   * Prepares one check.
   *
   * @param memory the memory of all caches
   * @param caches the entries and chunks of each cache
   */
  MemoryCheck(SharedMemory memory, List<EntryChunks> caches) {
    this.memory = memory;
    this.pool = memory.pool();
    this.caches = caches;
  }

  /**
   * Runs all checks.
   *
   * @param entries the entries of index and spill
   */
  void run(Collection<Entry> entries) {
    reachable.addAll(entries);
    reachable.forEach(this::checkReachable);
    memory.hazardPointers().scan();
    pool.checkInvariants();
    pool.forEachTaken(this::checkTaken);
    int waiting = memory.hazardPointers().pendingCount();
    Invariants.check(
        ownerless == waiting,
        "MemoryTier 2: " + ownerless + " chunks have no owner, " + waiting + " are retired");
    int holds = memory.arena().holdCount();
    Invariants.check(
        pins == holds,
        "MemoryTier 3: entries have " + pins + " pins, of which " + holds + " are holds");
    long counted = caches.stream().mapToLong(cache -> cache.counters().valueBytes()).sum();
    Invariants.check(
        valueBytes == counted, "MemoryTier 4: " + valueBytes + " B of values, counted " + counted);
    long countedClean = caches.stream().mapToLong(cache -> cache.counters().cleanCount()).sum();
    Invariants.check(
        cleanCount == countedClean,
        "MemoryTier 4: " + cleanCount + " clean entries, counted " + countedClean);
  }

  private void checkReachable(Entry entry) {
    long ref = entry.ref();
    Invariants.check(!entry.isReleased(), "MemoryTier 1: index or spill has a released entry");
    Invariants.check(
        ref != ChunkRef.NONE && pool.owner(ref) == entry,
        "MemoryTier 1: an entry does not own its chunk " + ChunkRef.toString(ref));
    Invariants.check(
        pool.chunkBytes(ref) >= usedBytes(ref),
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
    valueBytes += ChunkLayout.valueBytesOf(headerOf(ref));
    cleanCount += entry.isClean() ? 1 : 0;
  }

  private int usedBytes(long ref) {
    long header = headerOf(ref);
    return ChunkLayout.valueOffsetOf(header) + ChunkLayout.valueBytesOf(header);
  }

  private long headerOf(long ref) {
    return ChunkLayout.header(pool.memory(), pool.offset(ref));
  }

  private static boolean isReleasedButPinned(Entry entry) {
    return entry.isReleased() && entry.pinCount() > 0;
  }
}
