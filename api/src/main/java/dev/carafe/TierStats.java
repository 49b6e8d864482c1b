package dev.carafe;

import org.jspecify.annotations.Nullable;

/**
 * Counters by tier since the cache was opened. They add up: for every value that entered a tier,
 * one counter records its outcome (contract B3). A snapshot that is taken while other threads write
 * can be off by the operations in progress.
 *
 * @param memory the memory tier
 * @param file the file tier; all zero without a file
 * @param unreadable how often either tier found a value that its codec could not read ({@link
 *     UnreadableValueException}): the tier counts a hit, the caller gets a miss. One call may count
 *     the same value several times
 * @param missRatioCurve what hit ratio memory and file of other sizes would have; null unless the
 *     builder has {@link CarafeBuilder#recordMissRatioCurve}, and for a store, whose caches have
 *     one each
 */
public record TierStats(
    MemoryTier memory, FileTier file, long unreadable, @Nullable MissRatioCurve missRatioCurve) {

  /**
   * The memory tier: {@code puts + promotions = overwritten + invalidated + spilled + droppedClean
   * + dropped + expired + entries}.
   *
   * @param hits reads answered from memory
   * @param puts values stored by a put, a load or a computation
   * @param promotions values read from the file that entered memory; while memory is full, at their
   *     second read
   * @param overwritten values replaced by a newer one
   * @param invalidated values removed by the application
   * @param spilled evicted values passed to the file
   * @param droppedClean evicted values whose record the file holds already
   * @param dropped evicted values that were lost, because there is no file or it did not take them,
   *     and values that were put or loaded and that no tier can hold
   * @param expired values that expired
   * @param entries values in memory now
   * @param tooLarge the values among {@code entries} that no extent of the file can hold, counted
   *     when they were to be written; {@code flush} and {@code close} skip them
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
   * @param stored records whose write has completed: they survive {@code kill -9}
   * @param buffered records in the buffer of an extent, whose write has not completed
   * @param removed records removed by the application or overwritten in memory
   * @param replaced records replaced by a newer record of the same key
   * @param reclaimed records removed to free an extent
   * @param expired records that expired
   * @param damaged records that did not verify
   * @param lost records that were all discarded because a failed sync lost some of them, or because
   *     too many removals waited for room in the file
   * @param records records in the file now
   * @param refusedTooLarge values that no extent can hold, those that memory can't hold included
   * @param refusedOverload values dropped because the device could not keep up
   * @param refusedUnavailable values dropped because the file could not be written
   * @param refusedBudget values not written because the {@linkplain CarafeBuilder#writeBudget write
   *     budget} was used up: evicted ones, which were dropped, and loaded ones, which stay in
   *     memory
   * @param refusedAdmission evicted values that were dropped because they were not worth a write
   *     ({@link FileOptions.Persist#ADMITTED_EVICTIONS})
   * @param refusedFull values refused because the file keeps all records ({@link
   *     FileOptions.Retention#KEEP_ALL}) and had no room for another
   * @param bytesRead bytes read from the device
   * @param bytesWritten bytes written to the device, those of copies and of the index checkpoint
   *     included
   * @param bytesAppended bytes of the records that values appended to the log: key, compressed
   *     value and header. {@code bytesWritten / bytesAppended} is the write amplification
   * @param bytesScrubbed bytes of extents that were checked in the background ({@link
   *     FileOptions#scrubPeriod})
   * @param reinserted live records that reclaiming copied to the end of the log
   * @param liveBytes bytes of the file that the {@code records} use
   * @param capacityBytes the limit of the file's length
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
      long refusedBudget,
      long refusedAdmission,
      long refusedFull,
      long bytesRead,
      long bytesWritten,
      long bytesAppended,
      long bytesScrubbed,
      long reinserted,
      long liveBytes,
      long capacityBytes) {}
}
