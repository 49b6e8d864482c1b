package dev.carafe.bench.versus;

import dev.carafe.bench.fork.Cell;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** Estimates the remaining time of a run by the expected and the actual time of its cells. */
final class RemainingTime implements Supplier<Duration> {
  private double expectedLeftSeconds;
  private double expectedSeconds;
  private double actualSeconds;

  RemainingTime(List<Cell> cells) {
    expectedLeftSeconds = cells.stream().mapToDouble(RemainingTime::expected).sum();
  }

  private static double expected(Cell cell) {
    return cell.real("expectedSeconds");
  }

  synchronized void completed(Cell cell, double seconds) {
    expectedLeftSeconds -= expected(cell);
    expectedSeconds += expected(cell);
    actualSeconds += seconds;
  }

  @Override
  public synchronized Duration get() {
    double factor = expectedSeconds == 0 ? 1 : actualSeconds / expectedSeconds;
    return Duration.ofSeconds(Math.max(0, Math.round(expectedLeftSeconds * factor)));
  }
}
