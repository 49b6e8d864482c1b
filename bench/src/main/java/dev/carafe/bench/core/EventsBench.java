package dev.carafe.bench.core;

import dev.carafe.base.FlightEvents;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Begins an event that the flight recorder does not record, as each operation of its kind does. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class EventsBench {
  /** The event, or nothing, for comparison. */
  @Param({"nothing", "transfer", "flush", "reclaim", "evacuation"})
  public String event = "";

  private final Path path = Path.of("cache.carafe");

  /** For the code that JMH generates. */
  public EventsBench() {}

  /**
   * Begins an event.
   *
   * @return null, since it is not recorded
   */
  @Benchmark
  public @Nullable Object off() {
    return switch (event) {
      case "transfer" -> FlightEvents.transfer(true, path);
      case "flush" -> FlightEvents.flush();
      case "reclaim" -> FlightEvents.reclaim();
      case "evacuation" -> FlightEvents.evacuation();
      default -> null;
    };
  }
}
