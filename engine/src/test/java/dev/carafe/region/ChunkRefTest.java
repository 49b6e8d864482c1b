package dev.carafe.region;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** One word holds generation, region and slot without loss, and zero is no chunk. */
final class ChunkRefTest {
  private static final int[] GENERATIONS = {0, 1, 0x7FFF, 0x8000, 0xFFFF};
  private static final int[] REGIONS = {1, 2, 0xFFFF, 1 << 23, ChunkRef.MAX_REGIONS};
  private static final int[] SLOTS = {0, 1, 63, 0xFFFF, 1 << 23, ChunkRef.MAX_SLOTS - 1};

  private static void assertRoundTrip(int generation, int region, int slot) {
    long ref = ChunkRef.of(generation, region, slot);
    String what = ChunkRef.toString(ref);
    assertEquals(generation & 0xFFFF, ChunkRef.generation(ref), what);
    assertEquals(region, ChunkRef.region(ref), what);
    assertEquals(slot, ChunkRef.slot(ref), what);
    assertTrue(ChunkRef.isOf(ref, generation), what);
    assertFalse(ChunkRef.isOf(ref, generation + 1), what);
    assertNotEquals(ChunkRef.NONE, ref, what);
  }

  @Test
  void boundariesRoundTrip() {
    for (int generation : GENERATIONS) {
      for (int region : REGIONS) {
        for (int slot : SLOTS) {
          assertRoundTrip(generation, region, slot);
        }
      }
    }
  }

  @Test
  void randomValuesRoundTrip() {
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < 100_000; i++) {
      assertRoundTrip(
          random.nextInt(),
          random.nextInt(1, ChunkRef.MAX_REGIONS + 1),
          random.nextInt(ChunkRef.MAX_SLOTS));
    }
  }

  @Test
  void eachPartMakesAnotherRef() {
    long ref = ChunkRef.of(5, 6, 7);
    assertNotEquals(ref, ChunkRef.of(4, 6, 7));
    assertNotEquals(ref, ChunkRef.of(5, 5, 7));
    assertNotEquals(ref, ChunkRef.of(5, 6, 6));
  }

  @Test
  void zeroIsNoChunk() {
    assertEquals(0, ChunkRef.NONE);
    // the smallest there can be: regions are numbered from 1
    assertEquals(1 << 24, ChunkRef.of(0, 1, 0));
  }

  @Test
  void onlyTheLowBitsOfAGenerationAreKept() {
    long ref = ChunkRef.of(0x1_0003, 1, 2);
    assertEquals(ChunkRef.of(3, 1, 2), ref);
    assertTrue(ChunkRef.isOf(ref, 0x1_0003));
    assertTrue(ChunkRef.isOf(ref, 3));
    assertTrue(ChunkRef.isOf(ChunkRef.of(-1, 1, 2), 0xFFFF));
  }

  @Test
  void toStringNamesAllParts() {
    assertEquals("chunk 7 of region 6, generation 5", ChunkRef.toString(ChunkRef.of(5, 6, 7)));
  }
}
