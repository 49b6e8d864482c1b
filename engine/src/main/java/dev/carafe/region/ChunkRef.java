package dev.carafe.region;

/**
 * A chunk of a {@link ChunkPool} in one word. Nobody else shifts or masks it.
 *
 * <pre>
 *   63 ....... 48  47 ............ 24  23 ............. 0
 *   generation     region (1 or more)  slot in the region
 * </pre>
 */
public final class ChunkRef {
  /** No chunk; never valid, since regions are numbered from 1. */
  public static final long NONE = 0;

  static final int MAX_REGIONS = (1 << 24) - 1;
  static final int MAX_SLOTS = 1 << 24;
  private static final int GENERATION_MASK = 0xFFFF;
  private static final int FIELD_MASK = (1 << 24) - 1;

  private ChunkRef() {}

  static long of(int generation, int region, int slot) {
    return (long) (generation & GENERATION_MASK) << 48 | (long) region << 24 | slot;
  }

  static int generation(long ref) {
    return (int) (ref >>> 48);
  }

  static int region(long ref) {
    return (int) (ref >>> 24) & FIELD_MASK;
  }

  static int slot(long ref) {
    return (int) ref & FIELD_MASK;
  }

  /** Whether the low bits of a region's generation are those of the ref. */
  static boolean isOf(long ref, int generation) {
    return generation(ref) == (generation & GENERATION_MASK);
  }

  /**
   * For messages.
   *
   * @param ref any ref
   * @return its parts by name
   */
  public static String toString(long ref) {
    return "chunk " + slot(ref) + " of region " + region(ref) + ", generation " + generation(ref);
  }
}
