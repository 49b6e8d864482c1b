package dev.carafe.tier;

import java.time.Instant;

/**
 * A file tier that can't write its file, or whose file has another capacity than the options.
 *
 * @param reason the message of the failure
 * @param since the time of the first failure
 */
public record Degraded(String reason, Instant since) {}
