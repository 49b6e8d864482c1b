package dev.carafe;

import java.time.Duration;
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

  static <T> T needed(@Nullable T value, String call) {
    if (value == null) {
      throw new IllegalStateException("a cache needs " + call);
    }
    return value;
  }
}
