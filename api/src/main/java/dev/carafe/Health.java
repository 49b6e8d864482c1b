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
 * @param unreadable the number of reads that found a value that its codec can't read, the codec's
 *     message for the first, and the remedy; empty if there were none
 */
public record Health(
    Tier memory, @Nullable Tier file, String device, String deviceReason, String unreadable) {

  /** The state of a tier. */
  public enum State {
    /** The tier keeps all its promises. */
    OK,
    /**
     * Reads or writes of the file fail, or a thread of the engine can't run. The memory tier still
     * works. A file that could not adopt the capacity of {@link FileOptions} also has this state,
     * until it is opened again; it works with the capacity that it had.
     */
    DEGRADED,
    /** The cache is closed. */
    CLOSED
  }

  /**
   * One tier.
   *
   * @param state its state
   * @param why the failure and the remedy; null if the tier is not degraded
   * @param since the start of this state; null if the tier has had it since the cache was opened
   */
  public record Tier(State state, @Nullable String why, @Nullable Instant since) {
    /** OK since the cache was opened. */
    public static final Tier OK = new Tier(State.OK, null, null);

    /** The cache is closed. */
    public static final Tier CLOSED = new Tier(State.CLOSED, null, null);
  }
}
