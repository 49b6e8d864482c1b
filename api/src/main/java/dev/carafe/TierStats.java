package dev.carafe;

/**
 * Counters by tier since the cache was opened. They add up: for every value that entered a tier,
 * one counter tells where it went (contract B3). A snapshot that is taken while other threads write
 * can be off by the operations under way.
 *
 * @param memory the memory tier
 * @param file the file tier; all zero without a file
 * @param unreadable how often either tier found a value that its codec could not read, which was a
 *     miss for the caller though the tier counts a hit ({@link UnreadableValueException}); one call
 *     may look at the same value several times
 */
public record TierStats(MemoryTier memory, FileTier file, long unreadable) {

  /**
   * The memory tier: {@code puts + promotions = overwritten + invalidated + spilled + droppedClean
   * + dropped + expired + entries}.
   *
   * @param hits reads answered from memory
   * @param puts values that came in by a put, a load or a computation
   * @param promotions values that came in from the file
   * @param overwritten values replaced by a newer one
   * @param invalidated values removed by the application
   * @param spilled evicted values that were handed to the file
   * @param droppedClean evicted values whose record the file holds already
   * @param dropped evicted values that went nowhere: no file, or it would not take them; and values
   *     that were put or loaded and that no tier can hold
   * @param expired values whose time was up
   * @param entries values that are in memory now
   * @param tooLarge of those, the values that no extent of the file can hold, found out when they
   *     were to be written: {@code flush} and {@code close} leave them out
   */
  public record MemoryTier(
      long hits,
      long puts,
      long promotions,
      long overwritten,
      long invalidated,
      long spilled,
      long droppedClean,
      long dropped,
      long expired,
      long entries,
      long tooLarge) {}

  /**
   * The file tier: {@code recovered + stored + buffered = removed + replaced + reclaimed + expired
   * + damaged + lost + records}.
   *
   * @param hits reads answered from the file
   * @param misses reads that neither tier could answer
   * @param recovered records found when the file was opened
   * @param stored records whose bytes the device has taken: they survive {@code kill -9}
   * @param buffered records that wait for the device in the buffer of an extent
   * @param removed records removed by the application or overwritten in memory
   * @param replaced records replaced by a newer record of the same key
   * @param reclaimed records given up to make room
   * @param expired records whose time was up
   * @param damaged records that did not verify
   * @param lost records whose write failed for good
   * @param records records in the file now
   * @param refusedTooLarge values that no extent can hold, those that memory can't hold included
   * @param refusedOverload values dropped because the file could not follow
   * @param refusedUnavailable values dropped because the file could not be written
   * @param bytesRead bytes read from the device
   * @param bytesWritten bytes written to the device
   */
  public record FileTier(
      long hits,
      long misses,
      long recovered,
      long stored,
      long buffered,
      long removed,
      long replaced,
      long reclaimed,
      long expired,
      long damaged,
      long lost,
      long records,
      long refusedTooLarge,
      long refusedOverload,
      long refusedUnavailable,
      long bytesRead,
      long bytesWritten) {}
}
