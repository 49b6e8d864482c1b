package dev.carafe.bench.policy;

/**
 * The window size and the admission rule of a {@link WindowedPolicy}.
 *
 * @param window the share of the window, from 0 to 1
 * @param bySize whether admission compares the uses per byte with those of all victims; otherwise
 *     it compares the uses with those of the first victim
 */
record WindowRule(double window, boolean bySize) {}
