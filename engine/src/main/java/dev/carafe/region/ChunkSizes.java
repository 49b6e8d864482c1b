package dev.carafe.region;

import dev.carafe.base.Bits;
import dev.carafe.base.Limits;

/**
 * The sizes in which chunks come: 64 bytes and up in eighths of a power of two, so that rounding
 * costs at most an eighth; from 32 KiB on in whole pages, each chunk a region of its own.
 */
final class ChunkSizes {
  static final int MIN_BYTES = 64;
  static final int MAX_SHARED_BYTES = 32 * 1024;
  private static final int STEPS = 8;
  private static final int FIRST_EXPONENT = 6;

  /** How many sizes share regions: 64, 72, … 128, 144, … 32 KiB. */
  static final int COUNT = sizeIndex(MAX_SHARED_BYTES) + 1;

  private ChunkSizes() {}

  static boolean isShared(int bytes) {
    return bytes <= MAX_SHARED_BYTES;
  }

  /** The size of the chunk that holds so many bytes. */
  static int chunkBytes(int bytes) {
    return isShared(bytes)
        ? sizeBytes(sizeIndex(bytes))
        : (int) Math.min(Integer.MAX_VALUE, Bits.roundUp(bytes, Limits.PAGE_BYTES));
  }

  /** Which of the shared sizes holds so many bytes. */
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
   * How many pages a region of a shared size spans: near the wanted number, with little left over
   * at the end.
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
