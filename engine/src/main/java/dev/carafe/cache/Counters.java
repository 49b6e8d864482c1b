package dev.carafe.cache;

import dev.carafe.base.Counter;
import dev.carafe.region.StripedCounter;

/** The counters of the memory tier; {@link dev.carafe.TierStats} explains each name. */
final class Counters {
  final StripedCounter memoryHits = new StripedCounter();
  final Counter fileHits = new Counter();
  final Counter misses = new Counter();
  final Counter puts = new Counter();
  final Counter promotions = new Counter();
  final Counter overwritten = new Counter();
  final Counter invalidated = new Counter();
  final Counter spilled = new Counter();
  final Counter droppedClean = new Counter();
  final Counter dropped = new Counter();
  final Counter expired = new Counter();

  /** The number of dropped values that no tier can hold. */
  final Counter tooLarge = new Counter();

  @Override
  public String toString() {
    return ("puts=%s promotions=%s overwritten=%s invalidated=%s"
            + " spilled=%s droppedClean=%s dropped=%s expired=%s")
        .formatted(
            puts, promotions, overwritten, invalidated, spilled, droppedClean, dropped, expired);
  }
}
