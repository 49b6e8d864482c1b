package dev.carafe.bench;

import picocli.CommandLine.Option;

/** What a replay prints. */
final class ReplayOutput {
  @Option(
      names = "--curve",
      description = "also print the hit ratios that the cache estimates for other sizes")
  private boolean curve;

  @Option(names = "--json", description = "print the result as JSON instead of a table")
  private boolean json;

  @Option(names = "--quiet", description = "show no progress")
  private boolean quiet;

  boolean curve() {
    return curve;
  }

  boolean json() {
    return json;
  }

  boolean quiet() {
    return quiet;
  }
}
