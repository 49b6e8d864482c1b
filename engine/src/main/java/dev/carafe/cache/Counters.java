package dev.carafe.cache;

import dev.carafe.region.Tally;
import java.util.concurrent.atomic.LongAdder;

/** What the memory tier counts; each name is explained in {@link dev.carafe.TierStats}. */
final class Counters {
  final Tally memoryHits = new Tally();
  final LongAdder fileHits = new LongAdder();
  final LongAdder misses = new LongAdder();
  final LongAdder puts = new LongAdder();
  final LongAdder promotions = new LongAdder();
  final LongAdder overwritten = new LongAdder();
  final LongAdder invalidated = new LongAdder();
  final LongAdder spilled = new LongAdder();
  final LongAdder droppedClean = new LongAdder();
  final LongAdder dropped = new LongAdder();
  final LongAdder expired = new LongAdder();

  @Override
  public String toString() {
    return ("puts=%s promotions=%s overwritten=%s invalidated=%s"
            + " spilled=%s droppedClean=%s dropped=%s expired=%s")
        .formatted(
            puts, promotions, overwritten, invalidated, spilled, droppedClean, dropped, expired);
  }
}
