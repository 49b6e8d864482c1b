package dev.carafe.region;

import dev.carafe.base.Bits;
import dev.carafe.base.Limits;

/**
 * The chunk sizes. From 64 bytes to 32 KiB there are eight sizes for each power of two, so rounding
 * wastes at most an eighth. From 1 KiB on there is one more, 64 bytes above the power of two: for a
 * value whose length is a power of two, with its header and key. Larger chunks have whole pages,
 * and a region each.
 */
final class ChunkSizes {
  static final int MIN_BYTES = 64;

  /** The difference between an additional size and the power of two below it. */
  private static final int EXTRA_BYTES = 64;

  static final int MAX_SHARED_BYTES = 32 * 1024 + EXTRA_BYTES;
  private static final int STEPS = 8;

  /** All sizes are multiples of the difference between the two smallest. */
  private static final int STEP_BYTES = MIN_BYTES / STEPS;

  private static final int STEP_SHIFT = 3;

  private static final int FIRST_EXPONENT = 6;

  /** From this exponent on, a power of two has an additional size. */
  private static final int EXTRA_EXPONENT = 10;

  /** The maximum pages of a region of an additional size, unless the target is longer. */
  private static final int EXTRA_PAGES = 64;

  private static final int EXTRA_INDEX = (EXTRA_EXPONENT - FIRST_EXPONENT) * STEPS;

  /** Number of sizes whose chunks share regions: 64, 72, … 128, 144, … 1024, 1088, 1152, …. */
  static final int COUNT = computeIndex(MAX_SHARED_BYTES) + 1;

  /** By a request's length in steps of 8 bytes: the index of its size. */
  private static final byte[] INDEX = new byte[(MAX_SHARED_BYTES >>> STEP_SHIFT) + 1];

  static {
    for (int step = 0; step < INDEX.length; step++) {
      INDEX[step] = (byte) computeIndex(step * STEP_BYTES);
    }
  }

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
    return INDEX[(bytes + STEP_BYTES - 1) >>> STEP_SHIFT];
  }

  private static int computeIndex(int bytes) {
    if (bytes <= MIN_BYTES) {
      return 0;
    }
    int exponent = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(bytes - 1);
    int above = bytes - (1 << exponent);
    int step = ((above - 1) >>> (exponent - 3)) + 1;
    if (exponent < EXTRA_EXPONENT) {
      return (exponent - FIRST_EXPONENT) * STEPS + step;
    }
    int first = EXTRA_INDEX + (exponent - EXTRA_EXPONENT) * (STEPS + 1);
    return above <= EXTRA_BYTES ? first + 1 : first + step + 1;
  }

  static int sizeBytes(int index) {
    if (index <= EXTRA_INDEX) {
      int exponent = FIRST_EXPONENT + index / STEPS;
      return sizeBytes(exponent, index % STEPS);
    }
    int exponent = EXTRA_EXPONENT + (index - EXTRA_INDEX) / (STEPS + 1);
    int step = (index - EXTRA_INDEX) % (STEPS + 1);
    return step == 1 ? (1 << exponent) + EXTRA_BYTES : sizeBytes(exponent, Math.max(0, step - 1));
  }

  private static int sizeBytes(int exponent, int step) {
    return (1 << exponent) + step * (1 << (exponent - 3));
  }

  /**
   * Whether this is one of the sizes 64 bytes above a power of two. Few pages of such chunks have a
   * large unused end.
   */
  private static boolean isExtra(int chunkBytes) {
    return chunkBytes > 1 << EXTRA_EXPONENT && Integer.bitCount(chunkBytes - EXTRA_BYTES) == 1;
  }

  /**
   * The number of pages of a region of a shared size: the number between half the target and the
   * target that leaves the smallest unused end, and at least the pages of one chunk. For an
   * additional size, up to four times the target.
   */
  static int regionPages(int chunkBytes, int targetPages) {
    int fewest = Math.ceilDiv(chunkBytes, Limits.PAGE_BYTES);
    int most = isExtra(chunkBytes) ? Math.min(4 * targetPages, EXTRA_PAGES) : targetPages;
    int best = Math.max(fewest, most);
    long leastWaste = Long.MAX_VALUE;
    for (int pages = best; pages >= Math.max(fewest, targetPages / 2); pages--) {
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
