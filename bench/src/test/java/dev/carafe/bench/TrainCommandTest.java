package dev.carafe.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;

/** {@code carafe train}, by which {@code bench/carafe} makes its AOT cache. */
final class TrainCommandTest {
  @Test
  void opensAFileAndFindsItsValues() {
    CommandRun run = CommandRun.of("train");
    assertEquals(0, run.exitCode(), run.err());
  }

  @Test
  void isNotShownToUsers() {
    assertFalse(CommandRun.of("--help").out().contains("train"));
  }
}
