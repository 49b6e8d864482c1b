package dev.carafe.region;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The public contract of a region: which buffers it accepts (F4), that a chunk has one owner, and
 * that a second or foreign free throws with the chunk in its message and changes nothing (M3).
 */
final class RegionTest {
  private static final int BLOCK = 16;

  private final MemorySegment buffer = Arena.ofAuto().allocate(100);
  private final Region region = Region.init(BLOCK, buffer, 4);

  private static void assertNames(Exception error, Object... parts) {
    String message = Objects.requireNonNull(error.getMessage());
    for (Object part : parts) {
      assertTrue(message.contains(part.toString()), () -> "expected '" + part + "' in: " + message);
    }
  }

  private static Chunk[] takeAll(Region region) {
    Chunk[] taken = new Chunk[region.avail()];
    for (int i = 0; i < taken.length; i++) {
      taken[i] = region.alloc();
    }
    return taken;
  }

  @Test
  void aFreshRegionIsAllFree() {
    assertEquals(4, region.avail());
    assertEquals(4, region.slots());
    assertEquals(BLOCK, region.blockSize());
    assertSame(buffer, region.buffer());
    assertEquals("Region[4 chunks of 16 bytes, 4 free]", region.toString());
  }

  @Test
  void withoutSlotsAsManyAsFit() {
    assertEquals(6, Region.init(BLOCK, buffer).slots());
    assertEquals(100, Region.init(1, buffer).slots());
    assertEquals(1, Region.init(100, buffer).slots());
    assertEquals(0, Region.init(101, buffer).slots());
    assertEquals(0, Region.init(BLOCK, MemorySegment.ofAddress(0)).slots());
  }

  @Test
  void chunksMustFitTheBuffer() {
    assertEquals(6, Region.init(BLOCK, buffer, 6).avail());
    assertEquals(25, Region.init(4, buffer, 25).avail());
    var error = assertThrows(IllegalArgumentException.class, () -> Region.init(BLOCK, buffer, 7));
    assertNames(error, "7 slots", "blockSize 16", "112 bytes", "buffer has 100");
    assertThrows(IllegalArgumentException.class, () -> Region.init(4, buffer, 26));
  }

  @Test
  void aProductThatOverflowsIsRefused() {
    // 2^30 × 4 is 0 in 32 bits; the original took such a product
    var error = assertThrows(IllegalArgumentException.class, () -> Region.init(1 << 30, buffer, 4));
    assertNames(error, 1L << 32);
    assertThrows(
        IllegalArgumentException.class,
        () -> Region.init(Integer.MAX_VALUE, buffer, Integer.MAX_VALUE));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, -16, Integer.MIN_VALUE})
  void blockSizeMustBePositive(int blockSize) {
    var error =
        assertThrows(IllegalArgumentException.class, () -> Region.init(blockSize, buffer, 4));
    assertNames(error, "blockSize", blockSize);
    error = assertThrows(IllegalArgumentException.class, () -> Region.init(blockSize, buffer));
    assertNames(error, "blockSize", blockSize);
  }

  @Test
  void slotsMustNotBeNegative() {
    var error = assertThrows(IllegalArgumentException.class, () -> Region.init(BLOCK, buffer, -1));
    assertNames(error, "slots", -1);
  }

  @Test
  void bufferMustBeNativeAndWritable() {
    MemorySegment heap = MemorySegment.ofArray(new byte[64]);
    assertNames(
        assertThrows(IllegalArgumentException.class, () -> Region.init(BLOCK, heap, 4)), "buffer");
    MemorySegment readOnly = buffer.asReadOnly();
    assertNames(
        assertThrows(IllegalArgumentException.class, () -> Region.init(BLOCK, readOnly)), "buffer");
  }

  @Test
  void zeroSlotsAreAlwaysFull() {
    Region none = Region.init(BLOCK, buffer, 0);
    assertEquals(0, none.avail());
    assertNull(none.tryAlloc());
    assertEquals(Region.NO_SLOT, none.allocSlot());
    assertThrows(NoSpaceException.class, none::alloc);
    none.checkInvariants();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65, 127, 128, 129, 1000})
  void everySlotIsAllocatedOnce(int slots) {
    Region many = Region.init(8, Arena.ofAuto().allocate(8L * slots));
    assertEquals(slots, many.slots());
    Set<Long> offsets = new HashSet<>();
    for (Chunk chunk : takeAll(many)) {
      assertTrue(offsets.add(chunk.toOffset()), () -> chunk + " was handed out twice");
      assertEquals(0, chunk.toOffset() % 8);
      assertTrue(chunk.toOffset() >= 0 && chunk.toOffset() < 8L * slots);
    }
    assertEquals(slots, offsets.size());
    assertEquals(0, many.avail());
    many.checkInvariants();
  }

  @Test
  void noSpaceChangesNothing() {
    Chunk[] taken = takeAll(region);
    for (int i = 0; i < 3; i++) {
      var error = assertThrows(NoSpaceException.class, region::alloc);
      assertNames(error, "4 chunks", "16 bytes");
      assertEquals(0, error.getStackTrace().length);
      assertNull(region.tryAlloc());
      assertEquals(Region.NO_SLOT, region.allocSlot());
      assertEquals(0, region.avail());
    }
    region.free(taken[2]);
    assertEquals(taken[2].toOffset(), region.alloc().toOffset());
  }

  @Test
  void availCountsFreeChunks() {
    Chunk[] taken = new Chunk[4];
    for (int i = 0; i < 4; i++) {
      taken[i] = region.alloc();
      assertEquals(3 - i, region.avail());
    }
    for (int i = 0; i < 4; i++) {
      region.free(taken[i]);
      assertEquals(i + 1, region.avail());
    }
  }

  @Test
  void aSecondFreeThrowsAndChangesNothing() {
    // the original's free list grew, and two owners got one chunk
    Chunk chunk = region.alloc();
    Chunk other = region.alloc();
    region.free(chunk);
    for (int i = 0; i < 1000; i++) {
      var error = assertThrows(IllegalStateException.class, () -> region.free(chunk));
      assertNames(error, "freed before");
      assertEquals(3, region.avail());
    }
    assertEquals(3, takeAll(region).length);
    assertNull(region.tryAlloc());
    region.free(other);
    region.checkInvariants();
  }

  @Test
  void aStaleChunkCannotFreeTheNextOwners() {
    Region one = Region.init(BLOCK, buffer, 1);
    Chunk first = one.alloc();
    one.free(first);
    Chunk second = one.alloc();
    assertEquals(first.toOffset(), second.toOffset());
    assertThrows(IllegalStateException.class, () -> one.free(first));
    assertEquals(0, one.avail());
    second.toSegment().fill((byte) 7);
    one.free(second);
    assertEquals(1, one.avail());
  }

  @Test
  void aForeignFreeThrowsAndChangesNothing() {
    Region foreign = Region.init(BLOCK, Arena.ofAuto().allocate(100), 4);
    Chunk mine = region.alloc();
    Chunk theirs = foreign.alloc();
    assertEquals(mine.toOffset(), theirs.toOffset());
    var error = assertThrows(IllegalArgumentException.class, () -> region.free(theirs));
    assertNames(error, "16 bytes at 0", "another region");
    assertEquals(3, region.avail());
    assertEquals(3, foreign.avail());
    assertEquals(BLOCK, mine.toSegment().byteSize());
    foreign.free(theirs);
    assertThrows(IllegalArgumentException.class, () -> region.free(theirs));
    assertEquals(3, region.avail());
  }

  @Test
  void handlesFollowTheSameRules() {
    long handle = region.allocSlot();
    assertEquals(3, region.avail());
    assertEquals(0, region.offsetOf(handle) % BLOCK);
    region.freeSlot(handle);
    assertThrows(IllegalStateException.class, () -> region.freeSlot(handle));
    assertThrows(IllegalArgumentException.class, () -> region.freeSlot(Region.NO_SLOT));
    assertThrows(IllegalArgumentException.class, () -> region.freeSlot(4));
    assertThrows(IllegalArgumentException.class, () -> region.offsetOf(Region.NO_SLOT));
    long nextOwners = region.allocSlot();
    assertNotEquals(handle, nextOwners);
    assertThrows(IllegalStateException.class, () -> region.freeSlot(handle));
    assertEquals(3, region.avail());
  }

  @Test
  void anUnknownHandleIsRejected() {
    // slot 0 and generation 0 are what the first owner will have
    assertThrows(IllegalStateException.class, () -> region.freeSlot(0));
    assertEquals(4, region.avail());
    assertEquals(4, takeAll(region).length);
  }

  @Test
  void offsetsAreFromTheStartOfTheBufferGiven() {
    Region inside = Region.init(BLOCK, buffer.asSlice(BLOCK, 2 * BLOCK), 2);
    Chunk chunk = inside.alloc();
    assertEquals(0, chunk.toOffset());
    assertEquals(buffer.address() + BLOCK, chunk.toSegment().address());
  }

  @Test
  void offsetsGoBeyondTwoGigabytes() {
    // never touched, so the address needs no memory behind it
    MemorySegment huge = MemorySegment.ofAddress(1L << 40).reinterpret(5L << 30);
    Region wide = Region.init(1 << 30, huge);
    Chunk[] taken = takeAll(wide);
    assertEquals(5, taken.length);
    assertEquals(4L << 30, taken[4].toOffset());
    assertEquals((1L << 40) + (4L << 30), taken[4].toSegment().address());
    assertEquals(1 << 30, taken[4].toSegment().byteSize());
  }
}
