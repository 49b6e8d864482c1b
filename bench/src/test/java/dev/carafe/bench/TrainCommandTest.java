package dev.carafe.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;

/** {@code carafe train}, the training run for the AOT cache of {@code bench/carafe}. */
final class TrainCommandTest {
  @Test
  void succeeds() {
    CommandRun run = CommandRun.of("train");
    assertEquals(0, run.exitCode(), run.err());
  }

  @Test
  void isHidden() {
    assertFalse(CommandRun.of("--help").out().contains("train"));
  }
}
