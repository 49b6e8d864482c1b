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

  static <T> T needed(@Nullable T value, String call) {
    if (value == null) {
      throw new IllegalStateException("a cache needs " + call);
    }
    return value;
  }
}
