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
   * Where a chunk lies, with a mark of the caller's in place of the generation: enough for {@link
   * ChunkPool#offset}, once {@link #isAt} has said that the chunk is there still.
   *
   * @param ref a chunk
   * @param mark of which the low 16 bits count
   * @return a word that is no ref
   */
  public static long place(long ref, int mark) {
    return (long) mark << 48 | (ref & PLACE_MASK);
  }

  /**
   * The mark of a {@link #place}.
   *
   * @param place any
   * @return 16 bits
   */
  public static int mark(long place) {
    return (int) (place >>> 48);
  }

  /**
   * Whether a {@link #place} has a mark, as a number: whoever looks at several at once has no use
   * for a branch.
   *
   * @param place any
   * @param mark of which the low 16 bits count
   * @return 1 or 0
   */
  public static int markedBit(long place, int mark) {
    int difference = mark(place) ^ (mark & GENERATION_MASK);
    return (difference - 1) >>> (Integer.SIZE - 1);
  }

  /**
   * Whether a chunk lies there.
   *
   * @param ref a chunk, or none
   * @param place where
   * @return never true for none
   */
  public static boolean isAt(long ref, long place) {
    return ((ref ^ place) & PLACE_MASK) == 0;
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
