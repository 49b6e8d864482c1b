package dev.carafe.tier;

/**
 * What a file tier counted, all at one moment: {@code recovered + stored + buffered = removed +
 * replaced + reclaimed + expired + damaged + lost + records}.
 *
 * @param recovered records found at opening
 * @param stored records whose bytes the device has taken
 * @param buffered records appended, whose write has not ended well yet
 * @param removed records removed
 * @param replaced records replaced by a newer one of the same key
 * @param reclaimed live records given up for room
 * @param expired records found expired
 * @param damaged records that did not verify
 * @param lost records given up because their write failed for good
 * @param records records that are live
 * @param reinserted records copied on to stay
 * @param refusedTooLarge values that fit no extent
 * @param refusedOverload values that would have had to wait
 * @param refusedUnavailable values that came while the file could not be written
 * @param deviceBytesRead bytes read
 * @param deviceBytesWritten bytes written
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
    long deviceBytesRead,
    long deviceBytesWritten) {}
