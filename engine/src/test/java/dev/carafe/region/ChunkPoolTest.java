package dev.carafe.region;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Limits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One arena serves every size (B4): a full pool returns NONE, pages of a size that is no longer
 * used serve other sizes, and a chunk is freed once (M3).
 */
final class ChunkPoolTest {
  private static final int PAGE = Limits.PAGE_BYTES;
  private static final int PAGES = 32;

  private final MemorySegment memory = Arena.ofAuto().allocate(PAGES * PAGE, PAGE);
  private final ChunkPool pool = new ChunkPool(memory);

  @AfterEach
  void check() {
    pool.checkInvariants();
  }

  private static long alloc(ChunkPool pool, int bytes) {
    long ref = pool.tryAlloc(bytes);
    assertNotEquals(ChunkRef.NONE, ref, () -> "no room for " + bytes);
    return ref;
  }

  private static List<Long> fill(ChunkPool pool, int bytes) {
    List<Long> taken = new ArrayList<>();
    for (long ref = pool.tryAlloc(bytes); ref != ChunkRef.NONE; ref = pool.tryAlloc(bytes)) {
      taken.add(ref);
    }
    return taken;
  }

  @Test
  void memoryMustBeNativeAndInWholePages() {
    for (MemorySegment bad :
        List.of(
            MemorySegment.ofArray(new byte[PAGE]),
            MemorySegment.NULL,
            memory.asSlice(0, PAGE - 1),
            memory.asSlice(0, PAGE + 1))) {
      var error = assertThrows(IllegalArgumentException.class, () -> new ChunkPool(bad));
      assertTrue(Objects.requireNonNull(error.getMessage()).contains(bad.toString()));
    }
    assertEquals(PAGE, new ChunkPool(memory.asSlice(0, PAGE)).capacityBytes());
  }

  @Test
  void aFreshPoolIsAllFree() {
    assertSame(memory, pool.memory());
    assertEquals(PAGES * PAGE, pool.capacityBytes());
    assertEquals(PAGES * PAGE, pool.freePageBytes());
    assertEquals(PAGES * PAGE, pool.maxChunkBytes());
    assertEquals(0, pool.usedBytes());
  }

  @Test
  void aChunkIsAtLeastAsLongAsRequested() {
    for (int bytes = 1; bytes <= pool.maxChunkBytes(); bytes += 1 + bytes / 50) {
      long ref = alloc(pool, bytes);
      int length = pool.chunkBytes(ref);
      assertTrue(length >= bytes, "asked for " + bytes);
      assertEquals(ChunkSizes.chunkBytes(bytes), length);
      assertEquals(length, pool.usedBytes());
      assertTrue(pool.offset(ref) >= 0 && pool.offset(ref) + length <= memory.byteSize());
      assertEquals(length, pool.slice(ref, 0, length).byteSize());
      pool.free(ref);
      assertEquals(0, pool.usedBytes());
    }
  }

  @Test
  void theWholeArenaCanBeOneChunk() {
    long ref = alloc(pool, pool.maxChunkBytes());
    assertEquals(0, pool.offset(ref));
    assertEquals(0, pool.freePageBytes());
    assertEquals(ChunkRef.NONE, pool.tryAlloc(1));
    pool.free(ref);
    assertEquals(PAGES * PAGE, pool.freePageBytes());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 64, 200, 2304, PAGE, 5000, 32 * 1024, 40_000})
  void aFullPoolReturnsNone(int bytes) {
    List<Long> taken = fill(pool, bytes);
    long used = pool.usedBytes();
    assertEquals((long) taken.size() * ChunkSizes.chunkBytes(bytes), used);
    for (int i = 0; i < 3; i++) {
      assertEquals(ChunkRef.NONE, pool.tryAlloc(bytes));
    }
    assertEquals(used, pool.usedBytes());
    long victim = taken.get(taken.size() / 2);
    pool.free(victim);
    assertEquals(ChunkSizes.chunkBytes(bytes), used - pool.usedBytes());
    alloc(pool, bytes);
    assertEquals(ChunkRef.NONE, pool.tryAlloc(bytes));
  }

  @Test
  void moreThanThePoolCanEverHaveIsRefused() {
    assertEquals(ChunkRef.NONE, pool.tryAlloc(PAGES * PAGE + 1));
    assertEquals(ChunkRef.NONE, pool.tryAlloc(Integer.MAX_VALUE));
    ChunkPool tiny = new ChunkPool(memory.asSlice(0, PAGE));
    assertEquals(ChunkRef.NONE, tiny.tryAlloc(PAGE + 1));
    assertEquals(0, pool.usedBytes());
    assertEquals(PAGES * PAGE, pool.freePageBytes());
  }

  @Test
  void smallChunksFillTheArena() {
    assertEquals(PAGES * PAGE / 64, fill(pool, 64).size());
    assertEquals(pool.capacityBytes(), pool.usedBytes());
    assertEquals(0, pool.freePageBytes());
  }

  @Test
  void pagesOfUnusedSizesServeOtherSizes() {
    for (int bytes : new int[] {64, 30_000, 100, 60_000, 2000, PAGE, 64, PAGES * PAGE, 500}) {
      List<Long> taken = fill(pool, bytes);
      assertTrue(pool.usedBytes() > pool.capacityBytes() / 2, "with " + bytes);
      pool.checkInvariants();
      taken.forEach(pool::free);
      assertEquals(0, pool.usedBytes());
    }
    alloc(pool, pool.maxChunkBytes());
  }

  @Test
  void aSecondFreeThrowsAndChangesNothing() {
    long ref = alloc(pool, 100);
    long other = alloc(pool, 100);
    pool.free(ref);
    var error = assertThrows(IllegalStateException.class, () -> pool.free(ref));
    assertEquals(ChunkRef.toString(ref) + " was freed before", error.getMessage());
    assertEquals(pool.chunkBytes(other), pool.usedBytes());
    long again = alloc(pool, 100);
    pool.setOwner(again, "owner");
    assertEquals(pool.offset(again), pool.offset(ref));
    assertThrows(IllegalStateException.class, () -> pool.free(ref));
    assertEquals("owner", pool.owner(again));
    assertEquals(2L * pool.chunkBytes(other), pool.usedBytes());
  }

  @Test
  void aSecondFreeIsDetectedAfterTheRegionWasFreed() {
    long ref = alloc(pool, 100);
    pool.free(ref);
    long whole = alloc(pool, pool.maxChunkBytes()); // takes the region's pages and its id
    assertEquals(ChunkRef.region(ref), ChunkRef.region(whole));
    assertThrows(IllegalStateException.class, () -> pool.free(ref));
    assertEquals(pool.capacityBytes(), pool.usedBytes());
    pool.free(whole);
    assertThrows(IllegalStateException.class, () -> pool.free(whole));
    assertThrows(IllegalStateException.class, () -> pool.free(ref));
  }

  @Test
  void staleRefsStayInvalidWhenPagesAreReused() {
    List<Long> stale = new ArrayList<>();
    for (int life = 0; life < 50; life++) {
      for (int bytes : new int[] {64, 1000, PAGES * PAGE}) {
        long ref = alloc(pool, bytes);
        stale.forEach(old -> assertThrows(IllegalStateException.class, () -> pool.free(old)));
        pool.free(ref);
        stale.add(ref);
      }
    }
  }

  @Test
  void anUnknownRefIsRejected() {
    long ref = alloc(pool, 1000);
    int region = ChunkRef.region(ref);
    int generation = ChunkRef.generation(ref);
    for (long forged :
        new long[] {
          ChunkRef.NONE,
          -1,
          ChunkRef.of(generation + 1, region, ChunkRef.slot(ref)),
          ChunkRef.of(generation, region + 1, 0),
          ChunkRef.of(generation, ChunkRef.MAX_REGIONS, 0),
          ChunkRef.of(generation, region, 1),
          ChunkRef.of(generation, region, 1000),
        }) {
      assertThrows(IllegalStateException.class, () -> pool.free(forged), ChunkRef.toString(forged));
    }
    assertEquals(pool.chunkBytes(ref), pool.usedBytes());
    pool.free(ref);
  }

  @Test
  void slicesShareMemoryAndEndWithTheChunk() {
    long ref = alloc(pool, 100);
    int length = pool.chunkBytes(ref);
    pool.slice(ref, 0, length).set(JAVA_BYTE, 9, (byte) 42);
    assertEquals(42, pool.slice(ref, 9, 1).get(JAVA_BYTE, 0));
    assertEquals(42, memory.get(JAVA_BYTE, pool.offset(ref) + 9));
    assertEquals(0, pool.slice(ref, length, 0).byteSize());
    assertThrows(IndexOutOfBoundsException.class, () -> pool.slice(ref, 0, length + 1));
    assertThrows(IndexOutOfBoundsException.class, () -> pool.slice(ref, 1, length));
    assertThrows(IndexOutOfBoundsException.class, () -> pool.slice(ref, -1, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> pool.slice(ref, 0, -1));
    assertThrows(IndexOutOfBoundsException.class, () -> pool.slice(ref, Integer.MAX_VALUE, 1));
  }

  @Test
  void aFreedChunkHasNoOwner() {
    long ref = alloc(pool, 64);
    assertNull(pool.owner(ref));
    pool.setOwner(ref, this);
    assertSame(this, pool.owner(ref));
    pool.free(ref);
    long next = alloc(pool, 64);
    assertEquals(pool.offset(ref), pool.offset(next));
    assertNull(pool.owner(next));
  }

  @Test
  void noChunkStraddlesTwoBuffers() {
    // never touched, so the address needs no memory behind it
    long bytes = 5 * Limits.FIXED_BUFFER_BYTES / 2;
    ChunkPool wide = new ChunkPool(MemorySegment.ofAddress(1L << 40).reinterpret(bytes));
    List<MemorySegment> buffers = wide.buffers();
    assertEquals(3, buffers.size());
    assertEquals(bytes, buffers.stream().mapToLong(MemorySegment::byteSize).sum());
    assertEquals(1 << 30, wide.maxChunkBytes());
    assertEquals(ChunkRef.NONE, wide.tryAlloc((1 << 30) + 1));
    List<Long> taken = new ArrayList<>();
    for (int chunk : new int[] {1 << 30, 300 << 20, 200 << 20, 32 << 10, 3 << 20, 70}) {
      for (int i = 0; i < 1000; i++) {
        long ref = wide.tryAlloc(chunk);
        if (ref != ChunkRef.NONE) {
          long last = wide.offset(ref) + wide.chunkBytes(ref) - 1;
          assertEquals(wide.offset(ref) >> 30, last >> 30, () -> ChunkRef.toString(ref));
          taken.add(ref);
        }
      }
      wide.checkInvariants();
    }
    taken.forEach(wide::free);
    assertEquals(0, wide.usedBytes());
    assertEquals(2, fill(wide, 1 << 30).size());
    wide.checkInvariants();
  }
}
