package dev.carafe.region;

/**
 * A chunk of a {@link ChunkPool}, packed into one word. Only this class packs and unpacks it.
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
  private static final long PLACE_MASK = (1L << 48) - 1;

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
   * Returns the region and slot of a chunk, with the caller's mark in place of the generation.
   * {@link ChunkPool#offset} accepts it once {@link #isAt} has confirmed that the chunk is still
   * there.
   *
   * @param ref a chunk
   * @param mark the low 16 bits are used
   * @return a word that is not a ref
   */
  public static long place(long ref, int mark) {
    return (long) mark << 48 | (ref & PLACE_MASK);
  }

  /**
   * Returns the mark of a {@link #place}.
   *
   * @param place any place
   * @return 16 bits
   */
  public static int mark(long place) {
    return (int) (place >>> 48);
  }

  /**
   * Returns whether a {@link #place} has a mark, as a number, so that a caller can test several
   * places without a branch.
   *
   * @param place any place
   * @param mark the low 16 bits are used
   * @return 1 or 0
   */
  public static int markedBit(long place, int mark) {
    int difference = mark(place) ^ (mark & GENERATION_MASK);
    return (difference - 1) >>> (Integer.SIZE - 1);
  }

  /**
   * Returns whether a chunk has the region and slot of a place.
   *
   * @param ref a chunk, or {@link #NONE}
   * @param place any place
   * @return false for {@link #NONE}
   */
  public static boolean isAt(long ref, long place) {
    return ((ref ^ place) & PLACE_MASK) == 0;
  }

  /**
   * Describes a ref for messages.
   *
   * @param ref any ref
   * @return slot, region and generation
   */
  public static String toString(long ref) {
    return "chunk " + slot(ref) + " of region " + region(ref) + ", generation " + generation(ref);
  }
}
