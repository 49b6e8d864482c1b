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
 * Room is made where it costs least, by moving what can be moved and dropping the rest; what stays
 * is not harmed, and a place that could not be emptied serves again (B4).
 */
final class EvacuationTest {
  private static final int PAGE = Limits.PAGE_BYTES;
  private static final int PAGES = 16;

  private final ChunkPool pool = new ChunkPool(Arena.ofAuto().allocate(PAGES * PAGE, PAGE));
  private final Tenants tenants = new Tenants();

  /** Something in a chunk, that knows where it is. */
  private static final class Tenant {
    long ref;
    boolean pinned;

    Tenant(long ref) {
      this.ref = ref;
    }
  }

  /** Moves or drops all who are not pinned. */
  private final class Tenants implements Evacuator {
    private final List<Tenant> moved = new ArrayList<>();
    private final List<Tenant> dropped = new ArrayList<>();

    @Override
    public boolean relocate(long from, Object owner, long to) {
      Tenant tenant = (Tenant) owner;
      assertEquals(tenant.ref, from);
      assertEquals(pool.chunkBytes(from), pool.chunkBytes(to));
      if (tenant.pinned) {
        return false;
      }
      pool.memory()
          .asSlice(pool.offset(to), pool.chunkBytes(to))
          .copyFrom(pool.slice(from, 0, pool.chunkBytes(from)));
      tenant.ref = to;
      pool.setOwner(to, tenant);
      pool.free(from);
      moved.add(tenant);
      return true;
    }

    @Override
    public void drop(long from, Object owner) {
      Tenant tenant = (Tenant) owner;
      assertEquals(tenant.ref, from);
      if (!tenant.pinned) {
        pool.free(from);
        dropped.add(tenant);
      }
    }
  }

  @AfterEach
  void check() {
    pool.checkInvariants();
  }

  private Tenant settle(int bytes) {
    long ref = pool.tryAlloc(bytes);
    assertNotEquals(ChunkRef.NONE, ref, () -> "no room for " + bytes);
    Tenant tenant = new Tenant(ref);
    pool.slice(ref, 0, 8).set(JAVA_LONG, 0, System.identityHashCode(tenant));
    pool.setOwner(ref, tenant);
    return tenant;
  }

  private List<Tenant> settle(int count, int bytes) {
    List<Tenant> settled = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      settled.add(settle(bytes));
    }
    return settled;
  }

  private void assertAtHome(Tenant tenant) {
    assertSame(tenant, pool.owner(tenant.ref));
    assertEquals(System.identityHashCode(tenant), pool.slice(tenant.ref, 0, 8).get(JAVA_LONG, 0));
  }

  private void leave(Tenant tenant) {
    pool.free(tenant.ref);
  }

  @Test
  void whereThereIsRoomNobodyIsDisturbed() {
    Tenant one = settle(PAGE);
    assertTrue(pool.makeRoom((PAGES - 1) * PAGE, tenants));
    assertTrue(tenants.moved.isEmpty() && tenants.dropped.isEmpty());
    settle((PAGES - 1) * PAGE);
    assertAtHome(one);
  }

  @Test
  void moreThanTheArenaIsRefused() {
    Tenant one = settle(PAGE);
    assertFalse(pool.makeRoom(PAGES * PAGE + 1, tenants));
    assertFalse(pool.makeRoom(Integer.MAX_VALUE, tenants));
    assertAtHome(one);
  }

  @Test
  void thoseWhoFitElsewhereAreMoved() {
    List<Tenant> all = settle(PAGES, PAGE);
    leave(all.remove(6));
    leave(all.remove(3));
    leave(all.remove(1)); // no two free pages are adjacent
    assertEquals(ChunkRef.NONE, pool.tryAlloc(2 * PAGE));
    assertTrue(pool.makeRoom(2 * PAGE, tenants));
    assertEquals(1, tenants.moved.size());
    assertTrue(tenants.dropped.isEmpty());
    all.forEach(this::assertAtHome);
    settle(2 * PAGE);
  }

  @Test
  void thoseWhoFitNowhereAreDropped() {
    List<Tenant> all = settle(PAGES, PAGE);
    assertTrue(pool.makeRoom(3 * PAGE, tenants));
    assertTrue(tenants.moved.isEmpty());
    assertEquals(3, tenants.dropped.size());
    all.removeAll(tenants.dropped);
    settle(3 * PAGE);
    all.forEach(this::assertAtHome);
  }

  @Test
  void theWholeArenaCanBeEvacuated() {
    settle(100, 64);
    settle(3, PAGE);
    assertTrue(pool.makeRoom(PAGES * PAGE, tenants));
    assertEquals(0, pool.usedBytes());
    settle(PAGES * PAGE);
    assertTrue(pool.makeRoom(64, tenants));
    settle(PAGES * PAGE / 64, 64);
  }

  @Test
  void theCheapestPlaceIsChosen() {
    settle(3, PAGE);
    List<Tenant> cheap = settle(64, 64);
    settle(PAGES - 4, PAGE);
    for (int i = 0; i < 60; i++) {
      leave(cheap.removeFirst());
    }
    assertTrue(pool.makeRoom(PAGE, tenants));
    assertEquals(cheap, tenants.dropped);
    settle(PAGE);
  }

  @Test
  void aPinnedOneStaysAndItsRegionServesAgain() {
    Tenant pinned = settle(64);
    pinned.pinned = true;
    settle(PAGES - 1, PAGE).forEach(tenant -> tenant.pinned = true);
    assertFalse(pool.makeRoom(PAGE, tenants));
    assertAtHome(pinned);
    settle(63, 64);
    assertEquals(pool.capacityBytes(), pool.usedBytes());
  }

  @Test
  void aPinnedChunkOfItsOwnGivesItsPagesBackLater() {
    Tenant pinned = settle(PAGES * PAGE);
    pinned.pinned = true;
    assertFalse(pool.makeRoom(64, tenants));
    assertEquals(ChunkRef.NONE, pool.tryAlloc(64));
    assertAtHome(pinned);
    leave(pinned);
    assertEquals(pool.capacityBytes(), pool.freePageBytes());
  }

  @Test
  void aChunkWithoutAnOwnerStays() {
    long nobodys = pool.tryAlloc(PAGES * PAGE);
    assertFalse(pool.makeRoom(PAGE, tenants));
    assertEquals(PAGES * PAGE, pool.chunkBytes(nobodys));
    pool.free(nobodys);
    assertTrue(pool.makeRoom(PAGE, tenants));
  }

  @Test
  void whatNobodyOwnsYetIsPassedOver() {
    for (int i = 0; i < 3; i++) {
      pool.tryAlloc(PAGE);
    }
    List<Tenant> all = settle(PAGES - 3, PAGE);
    assertTrue(pool.makeRoom(2 * PAGE, tenants));
    assertEquals(2, tenants.dropped.size());
    all.removeAll(tenants.dropped);
    settle(2 * PAGE);
    all.forEach(this::assertAtHome);
    assertFalse(pool.makeRoom((PAGES - 2) * PAGE, tenants));
  }

  /** A place that could not be emptied was tried again and again, since it was the cheapest. */
  @Test
  void whereSomethingStayedIsTriedAfterTheOthers() {
    List<Tenant> pinned = settle(3, PAGE);
    pinned.forEach(tenant -> tenant.pinned = true);
    List<Tenant> all = settle(PAGES - 3, PAGE);
    int failures = 0;
    while (!pool.makeRoom(PAGE, tenants)) {
      assertTrue(++failures <= pinned.size());
    }
    settle(PAGE);
    assertTrue(pool.makeRoom(PAGE, tenants));
    assertEquals(2, tenants.dropped.size());
    all.removeAll(tenants.dropped);
    all.forEach(this::assertAtHome);
    pinned.forEach(this::assertAtHome);
  }

  @Test
  void aTargetThatIsNotUsedGoesBack() {
    List<Tenant> all = settle(PAGES, PAGE);
    leave(all.remove(6));
    leave(all.remove(3));
    leave(all.remove(1));
    all.forEach(tenant -> tenant.pinned = true);
    assertFalse(pool.makeRoom(2 * PAGE, tenants));
    assertEquals((PAGES - 3L) * PAGE, pool.usedBytes());
    all.forEach(this::assertAtHome);
    settle(3, PAGE);
  }

  /**
   * The first region of the place was emptied by moves, and while the next one was being moved its
   * pages were given to the targets as those of any empty region: the place was never whole.
   */
  @Test
  void aRegionUnderEvacuationServesNoChunk() {
    List<Tenant> first = settle(64, 64); // page 0
    settle(32, 128); // page 1
    settle(1, PAGE); // page 2
    settle(10, 64); // page 3
    settle(PAGES - 4, PAGE);
    for (int i = 0; i < 63; i++) {
      leave(first.removeFirst()); // page 0 has one chunk left, which fits page 3
    }
    assertTrue(pool.makeRoom(2 * PAGE, tenants));
    assertEquals(first, tenants.moved);
    assertEquals(32, tenants.dropped.size());
    assertAtHome(first.getFirst());
    settle(2 * PAGE);
  }
}
