package dev.carafe.spi;

/**
 * The limits of memory (contract B1), in bytes.
 *
 * @param regionBytes of the regions, which hold the values; of a cache of a store, the part of them
 *     that other caches can't take
 * @param indexBytes of the index, on the heap and beside it; {@link #NO_LIMIT} if only the
 *     capacities of memory and file bound it
 * @param maximumBytes of the regions that a cache of a store may take; {@link #NO_LIMIT} if only
 *     the memory of the store bounds it
 */
public record MemoryLimits(long regionBytes, long indexBytes, long maximumBytes) {
  /** No limit of its own. */
  public static final long NO_LIMIT = Long.MAX_VALUE;

  /**
   * Returns limits without a limit of the index.
   *
   * @param regionBytes the limit of the regions
   * @return the limits
   */
  public static MemoryLimits of(long regionBytes) {
    return new MemoryLimits(regionBytes, NO_LIMIT, NO_LIMIT);
  }
}
