package dev.carafe.tier;

import java.time.Instant;

/**
 * The file can't be written at the moment.
 *
 * @param reason what the device said
 * @param since when it began
 */
public record Degraded(String reason, Instant since) {}
