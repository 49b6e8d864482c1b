package dev.carafe.redis;

/**
 * The times that bound what a reader may get, in nanoseconds.
 *
 * @param timeout for an answer of the server
 * @param maxLag how far a value may be behind the server while connected
 * @param maxStale how far it may be behind without a connection; 0: not served
 * @param keepsUnverified whether values of an earlier connection are compared with the server,
 *     rather than dropped
 * @param comparedAhead how many of them are compared before they are read
 */
record Limits(
    long timeout, long maxLag, long maxStale, boolean keepsUnverified, int comparedAhead) {}
