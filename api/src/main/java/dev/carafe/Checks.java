package dev.carafe;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Checks settings that an application gives. */
final class Checks {
  private Checks() {}

  static Duration requirePositive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(name + " is " + value + " but must be positive");
    }
    return value;
  }

  static long requireAtLeast(String name, long bytes, long least) {
    if (bytes < least) {
      throw new IllegalArgumentException(
          name + " is " + bytes + " bytes but must be at least " + least);
    }
    return bytes;
  }

  /** Returns the name of a cache of a store. */
  static String requireName(String name) {
    int bytes = Objects.requireNonNull(name, "name").getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > CarafeStore.MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "name has "
              + bytes
              + " bytes of UTF-8 but must have 1 to "
              + CarafeStore.MAX_NAME_BYTES
              + ": '"
              + name
              + "'");
    }
    return name;
  }

  /** A duration as {@link java.time.Duration}, as far as 292 years go, as in Caffeine. */
  static Duration duration(String name, long length, TimeUnit unit) {
    if (length < 0) {
      throw new IllegalArgumentException(
          name + " is " + length + " " + unit + " but must not be negative");
    }
    return Duration.ofNanos(unit.toNanos(length));
  }

  /** Returns the given value of a setting that has no value yet. */
  static <T> T once(String setting, @Nullable Object before, T given) {
    return once(setting, setting, before, given);
  }

  /** Returns the given value of a setting that excludes another one, which has no value yet. */
  static <T> T once(String setting, String other, @Nullable Object before, T given) {
    if (before != null) {
      throw new IllegalStateException(
          setting + " can't be set to " + given + ": " + other + " was already set to " + before);
    }
    return given;
  }

  static <T> T needed(@Nullable T value, String call) {
    if (value == null) {
      throw new IllegalStateException("a cache needs " + call);
    }
    return value;
  }
}
