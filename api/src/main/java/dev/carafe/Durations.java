package dev.carafe;

import java.time.Duration;

/** Checks durations that an application gives. */
final class Durations {
  private Durations() {}

  static Duration requirePositive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(name + " is " + value + " but must be positive");
    }
    return value;
  }
}
