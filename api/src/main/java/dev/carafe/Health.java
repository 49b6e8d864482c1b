package dev.carafe;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of both tiers and of the device at one moment.
 *
 * @param memory the memory tier
 * @param file the file tier; null when the cache was built without one
 * @param device how the file is read and written (such as {@code FIXED_BUFFERS}, {@code URING},
 *     {@code CHANNEL}, each with {@code O_DIRECT} where it is used); empty without a file
 * @param deviceReason which device, feature or native access is unavailable, why, and the setting
 *     that would enable it; empty if nothing is missing
 * @param unreadable how many reads found a value that its codec can't read, what the codec said of
 *     the first, and what to do; empty if there were none
 */
public record Health(
    Tier memory, @Nullable Tier file, String device, String deviceReason, String unreadable) {

  /** The state of a tier. */
  public enum State {
    /** The tier keeps all its promises. */
    OK,
    /**
     * Reads or writes of the file fail, or a thread of the engine can't run; memory still serves.
     */
    DEGRADED,
    /** The cache is closed. */
    CLOSED
  }

  /**
   * One tier.
   *
   * @param state its state
   * @param why what degraded it; null if it is not degraded
   * @param since when it entered this state; null if it has been in it since the cache was opened
   */
  public record Tier(State state, @Nullable String why, @Nullable Instant since) {
    /** OK since the cache was opened. */
    public static final Tier OK = new Tier(State.OK, null, null);

    /** The cache is closed. */
    public static final Tier CLOSED = new Tier(State.CLOSED, null, null);
  }
}
