package dev.carafe.bench.policy;

/**
 * How a {@link WindowedPolicy} divides its bytes and admits what leaves the window.
 *
 * @param window the share of the window, from 0 to 1
 * @param bySize whether a value must have more uses a byte than all the victims it displaces; if
 *     not, more uses than the first of them
 */
record WindowRule(double window, boolean bySize) {}
