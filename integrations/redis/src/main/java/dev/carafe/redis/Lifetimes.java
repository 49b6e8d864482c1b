package dev.carafe.redis;

import io.lettuce.core.SetArgs;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long the server keeps a value that is written, in milliseconds: a number of them, {@link
 * #FOREVER}, or 0, with which the value is not kept at all.
 *
 * @param created for a key without a value
 * @param updated for a key that has one; {@link #UNCHANGED}: what is left of the time of the old
 *     value
 */
public record Lifetimes(long created, long updated) {
  /** Until it is removed. */
  public static final long FOREVER = Long.MAX_VALUE;

  /** As long as the old value. */
  public static final long UNCHANGED = -1;

  /** Longer times would exceed the server's clock. */
  private static final long MAX_MILLIS = Long.MAX_VALUE / 4;

  /**
   * Checks the times.
   *
   * @throws IllegalArgumentException if one is negative
   */
  public Lifetimes {
    if (created < 0) {
      throw new IllegalArgumentException("created is " + created + " ms, must be at least 0");
    }
    if (updated < UNCHANGED) {
      throw new IllegalArgumentException("updated is " + updated + " ms, must be at least 0");
    }
  }

  /** The same time for each value that is written; null: forever. */
  static Lifetimes of(@Nullable Duration timeToLive) {
    long millis = FOREVER;
    if (timeToLive != null && timeToLive.compareTo(Duration.ofMillis(MAX_MILLIS)) < 0) {
      millis = timeToLive.toMillis();
    }
    return new Lifetimes(millis, millis);
  }

  /** Whether the server must look whether it has a value. */
  boolean needScript() {
    boolean same = created == updated && created > 0;
    return !same && !(created == FOREVER && updated == UNCHANGED);
  }

  /** Returns the arguments of a {@code SET}, unless {@link #needScript}. */
  SetArgs arguments() {
    return updated == UNCHANGED ? new SetArgs().keepttl() : ifAbsent();
  }

  /** Returns the arguments for a key without a value; {@link #created} is not 0. */
  SetArgs ifAbsent() {
    return created >= MAX_MILLIS ? new SetArgs() : new SetArgs().px(created);
  }

  /** Returns a time as the script of {@link Change} takes it. */
  static byte[] word(long millis) {
    String word =
        millis == UNCHANGED ? "kept" : millis >= MAX_MILLIS ? "ever" : Long.toString(millis);
    return word.getBytes(StandardCharsets.US_ASCII);
  }
}
