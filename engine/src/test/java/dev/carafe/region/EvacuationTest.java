package dev.carafe.region;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Limits;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Evacuation empties the run of pages that costs least: it relocates the entries that fit elsewhere
 * and drops the others. Pinned entries keep their bytes, and a run that could not be emptied serves
 * allocations again (B4).
 */
final class EvacuationTest {
  private static final int PAGE = Limits.PAGE_BYTES;
  private static final int PAGES = 16;

  private final ChunkPool pool = new ChunkPool(Arena.ofAuto().allocate(PAGES * PAGE, PAGE));
  private final TestEvacuator evacuator = new TestEvacuator();

  /** The owner of a chunk. */
  private static final class Entry {
    long ref;
    boolean pinned;

    Entry(long ref) {
      this.ref = ref;
    }
  }

  /** Relocates or drops all entries that are not pinned. */
  private final class TestEvacuator implements Evacuator {
    private final List<Entry> relocated = new ArrayList<>();
    private final List<Entry> dropped = new ArrayList<>();

    @Override
    public boolean relocate(long from, Object owner, long to) {
      Entry entry = (Entry) owner;
      assertEquals(entry.ref, from);
      assertEquals(pool.chunkBytes(from), pool.chunkBytes(to));
      if (entry.pinned) {
        return false;
      }
      pool.memory()
          .asSlice(pool.offset(to), pool.chunkBytes(to))
          .copyFrom(pool.slice(from, 0, pool.chunkBytes(from)));
      entry.ref = to;
      pool.setOwner(to, entry);
      pool.free(from);
      relocated.add(entry);
      return true;
    }

    @Override
    public void drop(long from, Object owner) {
      Entry entry = (Entry) owner;
      assertEquals(entry.ref, from);
      if (!entry.pinned) {
        pool.free(from);
        dropped.add(entry);
      }
    }
  }

  @AfterEach
  void check() {
    pool.checkInvariants();
  }

  private Entry alloc(int bytes) {
    long ref = pool.tryAlloc(bytes);
    assertNotEquals(ChunkRef.NONE, ref, () -> "no room for " + bytes);
    Entry entry = new Entry(ref);
    pool.slice(ref, 0, 8).set(JAVA_LONG, 0, System.identityHashCode(entry));
    pool.setOwner(ref, entry);
    return entry;
  }

  private List<Entry> alloc(int count, int bytes) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(alloc(bytes));
    }
    return entries;
  }

  private void assertIntact(Entry entry) {
    assertSame(entry, pool.owner(entry.ref));
    assertEquals(System.identityHashCode(entry), pool.slice(entry.ref, 0, 8).get(JAVA_LONG, 0));
  }

  private void free(Entry entry) {
    pool.free(entry.ref);
  }

  @Test
  void freePagesAreUsedWithoutEvacuation() {
    Entry one = alloc(PAGE);
    assertTrue(pool.makeRoom((PAGES - 1) * PAGE, evacuator));
    assertTrue(evacuator.relocated.isEmpty() && evacuator.dropped.isEmpty());
    alloc((PAGES - 1) * PAGE);
    assertIntact(one);
  }

  @Test
  void moreThanTheArenaIsRefused() {
    Entry one = alloc(PAGE);
    assertFalse(pool.makeRoom(PAGES * PAGE + 1, evacuator));
    assertFalse(pool.makeRoom(Integer.MAX_VALUE, evacuator));
    assertIntact(one);
  }

  @Test
  void entriesThatFitElsewhereAreRelocated() {
    List<Entry> all = alloc(PAGES, PAGE);
    free(all.remove(6));
    free(all.remove(3));
    free(all.remove(1)); // no two free pages are adjacent
    assertEquals(ChunkRef.NONE, pool.tryAlloc(2 * PAGE));
    assertTrue(pool.makeRoom(2 * PAGE, evacuator));
    assertEquals(1, evacuator.relocated.size());
    assertTrue(evacuator.dropped.isEmpty());
    all.forEach(this::assertIntact);
    alloc(2 * PAGE);
  }

  @Test
  void entriesThatFitNowhereAreDropped() {
    List<Entry> all = alloc(PAGES, PAGE);
    assertTrue(pool.makeRoom(3 * PAGE, evacuator));
    assertTrue(evacuator.relocated.isEmpty());
    assertEquals(3, evacuator.dropped.size());
    all.removeAll(evacuator.dropped);
    alloc(3 * PAGE);
    all.forEach(this::assertIntact);
  }

  @Test
  void theWholeArenaCanBeEvacuated() {
    alloc(100, 64);
    alloc(3, PAGE);
    assertTrue(pool.makeRoom(PAGES * PAGE, evacuator));
    assertEquals(0, pool.usedBytes());
    alloc(PAGES * PAGE);
    assertTrue(pool.makeRoom(64, evacuator));
    alloc(PAGES * PAGE / 64, 64);
  }

  @Test
  void theCheapestRunIsChosen() {
    alloc(3, PAGE);
    List<Entry> cheap = alloc(64, 64);
    alloc(PAGES - 4, PAGE);
    for (int i = 0; i < 60; i++) {
      free(cheap.removeFirst());
    }
    assertTrue(pool.makeRoom(PAGE, evacuator));
    assertEquals(cheap, evacuator.dropped);
    alloc(PAGE);
  }

  @Test
  void aPinnedEntryStaysAndItsRegionServesAgain() {
    Entry pinned = alloc(64);
    pinned.pinned = true;
    alloc(PAGES - 1, PAGE).forEach(entry -> entry.pinned = true);
    assertFalse(pool.makeRoom(PAGE, evacuator));
    assertIntact(pinned);
    alloc(63, 64);
    assertEquals(pool.capacityBytes(), pool.usedBytes());
  }

  @Test
  void aPinnedChunkThatFillsItsRegionFreesItsPagesLater() {
    Entry pinned = alloc(PAGES * PAGE);
    pinned.pinned = true;
    assertFalse(pool.makeRoom(64, evacuator));
    assertEquals(ChunkRef.NONE, pool.tryAlloc(64));
    assertIntact(pinned);
    free(pinned);
    assertEquals(pool.capacityBytes(), pool.freePageBytes());
  }

  @Test
  void aChunkWithoutAnOwnerStays() {
    long unowned = pool.tryAlloc(PAGES * PAGE);
    assertFalse(pool.makeRoom(PAGE, evacuator));
    assertEquals(PAGES * PAGE, pool.chunkBytes(unowned));
    pool.free(unowned);
    assertTrue(pool.makeRoom(PAGE, evacuator));
  }

  @Test
  void chunksWithoutAnOwnerAreSkipped() {
    for (int i = 0; i < 3; i++) {
      pool.tryAlloc(PAGE);
    }
    List<Entry> all = alloc(PAGES - 3, PAGE);
    assertTrue(pool.makeRoom(2 * PAGE, evacuator));
    assertEquals(2, evacuator.dropped.size());
    all.removeAll(evacuator.dropped);
    alloc(2 * PAGE);
    all.forEach(this::assertIntact);
    assertFalse(pool.makeRoom((PAGES - 2) * PAGE, evacuator));
  }

  /** Regression: a run that could not be emptied was tried each time, since it was the cheapest. */
  @Test
  void aRunThatCouldNotBeEmptiedIsTriedLast() {
    List<Entry> pinned = alloc(3, PAGE);
    pinned.forEach(entry -> entry.pinned = true);
    List<Entry> all = alloc(PAGES - 3, PAGE);
    int failures = 0;
    while (!pool.makeRoom(PAGE, evacuator)) {
      assertTrue(++failures <= pinned.size());
    }
    alloc(PAGE);
    assertTrue(pool.makeRoom(PAGE, evacuator));
    assertEquals(2, evacuator.dropped.size());
    all.removeAll(evacuator.dropped);
    all.forEach(this::assertIntact);
    pinned.forEach(this::assertIntact);
  }

  @Test
  void anUnusedTargetIsFreed() {
    List<Entry> all = alloc(PAGES, PAGE);
    free(all.remove(6));
    free(all.remove(3));
    free(all.remove(1));
    all.forEach(entry -> entry.pinned = true);
    assertFalse(pool.makeRoom(2 * PAGE, evacuator));
    assertEquals((PAGES - 3L) * PAGE, pool.usedBytes());
    all.forEach(this::assertIntact);
    alloc(3, PAGE);
  }

  /**
   * Regression: the first region of the run was emptied, and while the entries of the next one were
   * relocated, its pages were allocated for them. So the run never became free.
   */
  @Test
  void aRegionUnderEvacuationServesNoChunk() {
    List<Entry> first = alloc(64, 64); // page 0
    alloc(32, 128); // page 1
    alloc(1, PAGE); // page 2
    alloc(10, 64); // page 3
    alloc(PAGES - 4, PAGE);
    for (int i = 0; i < 63; i++) {
      free(first.removeFirst()); // page 0 has one chunk left, which fits page 3
    }
    assertTrue(pool.makeRoom(2 * PAGE, evacuator));
    assertEquals(first, evacuator.relocated);
    assertEquals(32, evacuator.dropped.size());
    assertIntact(first.getFirst());
    alloc(2 * PAGE);
  }
}
