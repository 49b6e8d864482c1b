package dev.carafe.redis;

/**
 * Counters of a {@link CarafeNearCache} since it was opened. A snapshot; the counters of the tiers
 * themselves are in {@link CarafeNearCache#near}.
 *
 * @param nearHits reads answered from memory or the local file
 * @param staleHits reads answered from there while the server was not connected
 * @param farHits values that the server had, by reads of it
 * @param farMisses keys that the server did not have, by reads of it
 * @param confirmedHits those of {@code farHits} that needed no transfer of the value: the near tier
 *     had an unverified one, which was equal to the server's
 * @param unchanged values of an earlier connection or process that were equal to the server's when
 *     they were compared: when they were used first, which {@code farHits} counts as well, or
 *     before that in the background
 * @param changed such values that the server had changed or removed
 * @param invalidations keys that the server announced as changed
 * @param flushes flushes of the whole server that it announced
 * @param losses connections that were lost
 * @param connected whether a connection is open
 */
public record NearStats(
    long nearHits,
    long staleHits,
    long farHits,
    long farMisses,
    long confirmedHits,
    long unchanged,
    long changed,
    long invalidations,
    long flushes,
    long losses,
    boolean connected) {}
