package dev.carafe.bench;

import dev.carafe.spi.Timing;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Options that say how values come into the cache, and when they are in the file. */
final class FillOptions {
  /** What a replay does when a key has no value. */
  enum Miss {
    /** A loader returns the value. */
    LOAD,
    /** The application puts it, as Spring, JCache and Hibernate do. */
    PUT
  }

  @Option(names = "--miss", description = "load: by a loader; put: by a put, as Spring does (load)")
  private Miss miss = Miss.LOAD;

  @Option(
      names = "--persist-within",
      description = "how long a change may be in memory only, such as PT10S (PT10S)")
  private Duration persistWithin = Timing.DEFAULT_PERSIST_WITHIN;

  boolean puts() {
    return miss == Miss.PUT;
  }

  Duration persistWithin() {
    return persistWithin;
  }
}
