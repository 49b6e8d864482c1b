package dev.carafe;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How the tiers are, at one moment.
 *
 * @param memory the memory tier
 * @param file the file tier; null when the cache was built without one
 * @param device how the file is read and written (such as {@code FIXED_BUFFERS}, {@code URING},
 *     {@code CHANNEL}, each with {@code O_DIRECT} where it is used); empty without a file
 * @param deviceReason what was asked for and could not be had, why, and the setting that would give
 *     it back, also of memory where native access is denied; empty when nothing is missing
 */
public record Health(Tier memory, @Nullable Tier file, String device, String deviceReason) {

  /** What a tier can be in. */
  public enum State {
    /** Doing all it promises. */
    OK,
    /** Going on with less: reads and writes of the file fail, memory serves what it has. */
    DEGRADED,
    /** The cache is closed. */
    CLOSED
  }

  /**
   * One tier.
   *
   * @param state what it is in
   * @param why what degraded it; null when it is not
   * @param since when it came into this state; null when it has always been in it
   */
  public record Tier(State state, @Nullable String why, @Nullable Instant since) {
    /** All is well, and always was. */
    public static final Tier OK = new Tier(State.OK, null, null);

    /** The cache is closed. */
    public static final Tier CLOSED = new Tier(State.CLOSED, null, null);
  }
}
