package dev.carafe.region;

import dev.carafe.base.Bits;
import dev.carafe.base.Limits;

/**
 * The chunk sizes. From 64 bytes to 32 KiB there are eight sizes for each power of two, so rounding
 * wastes at most an eighth. Larger chunks have whole pages, and a region each.
 */
final class ChunkSizes {
  static final int MIN_BYTES = 64;
  static final int MAX_SHARED_BYTES = 32 * 1024;
  private static final int STEPS = 8;
  private static final int FIRST_EXPONENT = 6;

  /** Number of sizes whose chunks share regions: 64, 72, … 128, 144, … 32 KiB. */
  static final int COUNT = sizeIndex(MAX_SHARED_BYTES) + 1;

  private ChunkSizes() {}

  static boolean isShared(int bytes) {
    return bytes <= MAX_SHARED_BYTES;
  }

  /** The length of the chunk that serves a request. */
  static int chunkBytes(int bytes) {
    return isShared(bytes)
        ? sizeBytes(sizeIndex(bytes))
        : (int) Math.min(Integer.MAX_VALUE, Bits.roundUp(bytes, Limits.PAGE_BYTES));
  }

  /** The index of the shared size that serves a request. */
  static int sizeIndex(int bytes) {
    if (bytes <= MIN_BYTES) {
      return 0;
    }
    int exponent = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(bytes - 1);
    int within = ((bytes - 1 - (1 << exponent)) >>> (exponent - 3)) + 1;
    return (exponent - FIRST_EXPONENT) * STEPS + within;
  }

  static int sizeBytes(int index) {
    int exponent = FIRST_EXPONENT + index / STEPS;
    return (1 << exponent) + (index % STEPS) * (1 << (exponent - 3));
  }

  /**
   * The number of pages of a region of a shared size: at most the target and at least half of it,
   * or what one chunk needs, with the least waste at the end.
   */
  static int regionPages(int chunkBytes, int targetPages) {
    int fewest = Math.ceilDiv(chunkBytes, Limits.PAGE_BYTES);
    int best = Math.max(fewest, targetPages);
    long leastWaste = Long.MAX_VALUE;
    for (int pages = best; pages >= Math.max(fewest, best / 2); pages--) {
      long bytes = (long) pages * Limits.PAGE_BYTES;
      long wastePerMillion = (bytes % chunkBytes) * 1_000_000 / bytes;
      if (wastePerMillion < leastWaste) {
        leastWaste = wastePerMillion;
        best = pages;
      }
    }
    return best;
  }
}
