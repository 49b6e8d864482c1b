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
  private static final long REGION_AND_SLOT_MASK = (1L << 48) - 1;

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
   * Returns a tagged ref: the region and the slot of a chunk, with a tag in place of the
   * generation. {@link ChunkPool#offset} accepts it after {@link #isSameSlot} has confirmed that
   * the chunk is still there.
   *
   * @param ref a chunk
   * @param tag the low 16 bits are used
   * @return a word that is not a ref
   */
  public static long tagged(long ref, int tag) {
    return (long) tag << 48 | (ref & REGION_AND_SLOT_MASK);
  }

  /**
   * Returns the tag of a {@linkplain #tagged tagged ref}.
   *
   * @param taggedRef any tagged ref
   * @return 16 bits
   */
  public static int tag(long taggedRef) {
    return (int) (taggedRef >>> 48);
  }

  /**
   * Compares the tag of a {@linkplain #tagged tagged ref}. The result is a number, so that a caller
   * can compare several tags without a branch.
   *
   * @param taggedRef any tagged ref
   * @param tag the low 16 bits are used
   * @return 1 if the tags are equal, else 0
   */
  public static int tagEqualBit(long taggedRef, int tag) {
    int difference = tag(taggedRef) ^ (tag & GENERATION_MASK);
    return (difference - 1) >>> (Integer.SIZE - 1);
  }

  /**
   * Returns whether two refs name the same region and slot. Generations and tags are ignored.
   *
   * @param ref a chunk, or {@link #NONE}
   * @param other a ref or a tagged ref
   * @return false for {@link #NONE}
   */
  public static boolean isSameSlot(long ref, long other) {
    return ((ref ^ other) & REGION_AND_SLOT_MASK) == 0;
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
