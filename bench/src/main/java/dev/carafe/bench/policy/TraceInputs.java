package dev.carafe.bench.policy;

import dev.carafe.bench.Trace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The traces that a simulation reads, and how. */
final class TraceInputs {
  @Parameters(index = "0", arity = "0..*", paramLabel = "TRACE", description = "traces (CSV)")
  private List<Path> traces = List.of();

  @Option(
      names = "--adversaries",
      description = "also use generated traces: loop, scan, new keys, large values, phases")
  private boolean adversaries;

  @Option(names = "--limit", description = "maximum number of requests")
  private int limit = Integer.MAX_VALUE;

  @Option(
      names = "--key-size",
      defaultValue = "4096",
      description = "value size in bytes for traces without sizes (${DEFAULT-VALUE})")
  private int keyOnlyBytes = 4096;

  /** Returns whether the numbers are positive. */
  boolean arePositive() {
    return limit >= 1 && keyOnlyBytes >= 1;
  }

  void requireAny() {
    if (traces.isEmpty() && !adversaries) {
      throw new IllegalArgumentException("give at least one TRACE, or --adversaries");
    }
  }

  List<Path> paths() {
    return traces;
  }

  List<Adversary> adversaries() {
    return adversaries ? List.of(Adversary.values()) : List.of();
  }

  Trace read(Path path) throws IOException {
    return Trace.read(path, new Trace.Reading(limit, 1, key -> keyOnlyBytes));
  }

  static String nameOf(Path path) {
    return String.valueOf(path.getFileName()).replace(".csv.gz", "");
  }
}
