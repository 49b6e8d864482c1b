package dev.carafe.tier;

import java.time.Instant;

/**
 * The file can't be written at the moment.
 *
 * @param why what the device said
 * @param since when it began
 */
public record Degraded(String why, Instant since) {}
