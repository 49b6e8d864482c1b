package dev.carafe.bench;

import dev.carafe.FileOptions.Persist;
import dev.carafe.spi.Timing;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Option;

/** Options for how a replay fills the cache and when changes reach the file. */
final class FillOptions {
  /** What a replay does on a miss. */
  enum Miss {
    /** The cache calls a loader. */
    LOAD,
    /** The replay puts the value, as Spring, JCache and Hibernate do. */
    PUT
  }

  @Option(
      names = "--miss",
      description =
          "on a miss: load calls a loader, put puts the value as Spring does (${DEFAULT-VALUE})",
      defaultValue = "load")
  private Miss miss = Miss.LOAD;

  @Option(
      names = "--persist-within",
      description =
          "longest time that a change may be in memory only, as an ISO-8601 duration (PT10S)")
  private Duration persistWithin = Timing.DEFAULT_PERSIST_WITHIN;

  @Option(
      names = "--persist",
      split = ",",
      description = "the values that are written while the cache runs: ${COMPLETION-CANDIDATES}",
      defaultValue = "MISSES,EVICTIONS")
  private Set<Persist> persist = EnumSet.of(Persist.MISSES, Persist.EVICTIONS);

  boolean puts() {
    return miss == Miss.PUT;
  }

  Duration persistWithin() {
    return persistWithin;
  }

  Set<Persist> persist() {
    return persist;
  }
}
