package dev.carafe.tier;

import java.time.Instant;

/**
 * Why and since when the file can't be written, or has another capacity than the options.
 *
 * @param reason the message of the failure
 * @param since when the state began
 */
public record Degraded(String reason, Instant since) {}
