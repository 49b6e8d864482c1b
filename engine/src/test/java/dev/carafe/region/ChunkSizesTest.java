package dev.carafe.region;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every length gets a chunk that holds it and wastes no more than an eighth (B4). */
final class ChunkSizesTest {
  private static final int TRIED_BYTES = 4 * ChunkSizes.MAX_SHARED_BYTES;

  @Test
  void eachLengthFits() {
    for (int bytes = 1; bytes <= TRIED_BYTES; bytes++) {
      assertTrue(ChunkSizes.chunkBytes(bytes) >= bytes, "too short for " + bytes);
    }
  }

  @Test
  void roundingCostsAtMostAnEighth() {
    for (int bytes = ChunkSizes.MIN_BYTES; bytes <= TRIED_BYTES; bytes++) {
      int waste = ChunkSizes.chunkBytes(bytes) - bytes;
      assertTrue(waste * 8L <= bytes, waste + " bytes wasted on " + bytes);
    }
  }

  @Test
  void aLongerValueNeverGetsAShorterChunk() {
    for (int bytes = 1; bytes < TRIED_BYTES; bytes++) {
      assertTrue(ChunkSizes.chunkBytes(bytes) <= ChunkSizes.chunkBytes(bytes + 1), "at " + bytes);
    }
  }

  @Test
  void aChunkFitsItsOwnSize() {
    for (int bytes = 1; bytes <= TRIED_BYTES; bytes++) {
      int chunk = ChunkSizes.chunkBytes(bytes);
      assertEquals(chunk, ChunkSizes.chunkBytes(chunk), "for " + bytes);
    }
  }

  @Test
  void sizesAscendInEighths() {
    int[] first = {64, 72, 80, 88, 96, 104, 112, 120, 128, 144, 160};
    for (int i = 0; i < first.length; i++) {
      assertEquals(first[i], ChunkSizes.sizeBytes(i));
    }
    assertEquals(ChunkSizes.MAX_SHARED_BYTES, ChunkSizes.sizeBytes(ChunkSizes.COUNT - 1));
    for (int i = 1; i < ChunkSizes.COUNT; i++) {
      assertTrue(ChunkSizes.sizeBytes(i) > ChunkSizes.sizeBytes(i - 1));
    }
  }

  @Test
  void indexAndSizeAreInverse() {
    for (int i = 0; i < ChunkSizes.COUNT; i++) {
      int bytes = ChunkSizes.sizeBytes(i);
      assertEquals(i, ChunkSizes.sizeIndex(bytes));
      assertEquals(i, ChunkSizes.sizeIndex(bytes - 1), "a byte less");
      if (i + 1 < ChunkSizes.COUNT) {
        assertEquals(i + 1, ChunkSizes.sizeIndex(bytes + 1), "a byte more");
      }
      assertEquals(0, bytes % 8, "a chunk must begin where a long may");
    }
  }

  @Test
  void largeChunksHaveWholePages() {
    assertTrue(ChunkSizes.isShared(ChunkSizes.MAX_SHARED_BYTES));
    assertFalse(ChunkSizes.isShared(ChunkSizes.MAX_SHARED_BYTES + 1));
    assertEquals(9 * 4096, ChunkSizes.chunkBytes(8 * 4096 + 65));
    assertEquals(9 * 4096, ChunkSizes.chunkBytes(9 * 4096));
    assertEquals(10 * 4096, ChunkSizes.chunkBytes(9 * 4096 + 1));
    assertEquals(1 << 30, ChunkSizes.chunkBytes((1 << 30) - 1));
    assertEquals(Integer.MAX_VALUE, ChunkSizes.chunkBytes(Integer.MAX_VALUE));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8, 16, 31, 64})
  void aRegionHoldsAChunkAndIsNearTheWantedSize(int wanted) {
    for (int i = 0; i < ChunkSizes.COUNT; i++) {
      int chunk = ChunkSizes.sizeBytes(i);
      int fewest = Math.ceilDiv(chunk, Limits.PAGE_BYTES);
      int pages = ChunkSizes.regionPages(chunk, wanted);
      String what = pages + " pages of chunks of " + chunk;
      assertTrue((long) pages * Limits.PAGE_BYTES >= chunk, what);
      boolean isExtra = chunk > 1024 && Integer.bitCount(chunk - 64) == 1;
      int most = isExtra ? Math.min(4 * wanted, 64) : wanted;
      assertTrue(pages <= Math.max(fewest, most), what);
      assertTrue(pages >= Math.max(fewest, wanted / 2), what);
      assertTrue((long) pages * Limits.PAGE_BYTES / chunk <= ChunkRef.MAX_SLOTS, what);
    }
  }

  /** The sizes beyond a power of two fit no number of pages; 2 % of 64 pages are left over. */
  @Test
  void aRegionOfManyPagesWastesAlmostNothing() {
    for (int wanted = 16; wanted <= 64; wanted++) {
      for (int i = 0; i < ChunkSizes.COUNT; i++) {
        int chunk = ChunkSizes.sizeBytes(i);
        long bytes = (long) ChunkSizes.regionPages(chunk, wanted) * Limits.PAGE_BYTES;
        boolean isExtra = Integer.bitCount(chunk - 64) == 1 && chunk > 1024;
        long allowed = isExtra ? bytes / (wanted == 64 ? 50 : 8) : 0;
        assertTrue(bytes % chunk <= allowed, bytes + " bytes in chunks of " + chunk);
      }
    }
  }

  /** A value of 2^n bytes with its header and a key of up to 56 bytes. */
  @ParameterizedTest
  @ValueSource(ints = {1024, 2048, 4096, 8192, 16384, 32768})
  void aPowerOfTwoWithHeaderAndKeyWastesAlmostNothing(int bytes) {
    assertEquals(bytes, ChunkSizes.chunkBytes(bytes));
    assertEquals(bytes + 64, ChunkSizes.chunkBytes(bytes + 1));
    assertEquals(bytes + 64, ChunkSizes.chunkBytes(bytes + 64));
  }
}
