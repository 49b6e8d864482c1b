package dev.carafe.tier;

/**
 * A consistent snapshot of a file tier's counters: {@code recovered + stored + buffered = removed +
 * replaced + reclaimed + expired + damaged + lost + records}.
 *
 * @param recovered records that the opening found
 * @param stored records whose write has succeeded
 * @param buffered records appended whose write has not succeeded yet
 * @param removed records removed by a tombstone or CLEAR
 * @param replaced records replaced by a newer one of the same key
 * @param reclaimed live records discarded with their extent, to free it
 * @param expired records removed because they had expired
 * @param damaged records removed because they did not verify
 * @param lost records discarded because a failed sync lost some of them, or because too many
 *     removals waited for room in the log
 * @param records live records
 * @param reinserted live records of reclaimed extents copied to the end of the log
 * @param refusedTooLarge values refused because they do not fit into an extent
 * @param refusedOverload values refused because no extent was free
 * @param refusedUnavailable values refused because the file could not be written
 * @param refusedBudget values refused because the write budget was used up
 * @param refusedAdmission evicted values refused because they were not worth a write
 * @param refusedFull values refused because the file keeps all records and had no room
 * @param deviceBytesRead bytes read from the device
 * @param deviceBytesWritten bytes written to the device
 * @param scrubbedBytes bytes read by scrubbing
 * @param appendedBytes bytes of the records that {@link FileTier#put} appended
 * @param liveBytes bytes of the live records
 * @param capacityBytes the capacity of the file
 */
public record FileStats(
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
    long reinserted,
    long refusedTooLarge,
    long refusedOverload,
    long refusedUnavailable,
    long refusedBudget,
    long refusedAdmission,
    long refusedFull,
    long deviceBytesRead,
    long deviceBytesWritten,
    long scrubbedBytes,
    long appendedBytes,
    long liveBytes,
    long capacityBytes) {}
