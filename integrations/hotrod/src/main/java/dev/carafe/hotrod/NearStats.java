package dev.carafe.hotrod;

/**
 * Counters of a {@link CarafeNearCacheFactory} since it was opened. A snapshot; the counters of the
 * tiers themselves are in {@link CarafeNearCacheFactory#near}.
 *
 * @param hits reads answered from memory or the local file
 * @param verified those of them whose value is of an earlier epoch, and which {@link
 *     CarafeNearCacheFactory#revalidate} has found to be the server's
 * @param misses reads that the client sent to the server
 * @param unverified those of them for which the near tier had a value of an earlier epoch that was
 *     not believed
 * @param kept values of the server that were kept
 * @param invalidations removals that the client asked for, after an event of the server or a write
 *     of its own
 * @param epochs how often all values became unverified: at each loss of the connection, and when
 *     the client emptied or stopped the cache
 */
public record NearStats(
    long hits,
    long verified,
    long misses,
    long unverified,
    long kept,
    long invalidations,
    long epochs) {}
