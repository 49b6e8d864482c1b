package dev.carafe.hotrod;

import java.util.concurrent.atomic.LongAdder;

/** What {@link NearStats} shows. */
final class Counters {
  final LongAdder hits = new LongAdder();
  final LongAdder verified = new LongAdder();
  final LongAdder misses = new LongAdder();
  final LongAdder unverified = new LongAdder();
  final LongAdder kept = new LongAdder();
  final LongAdder invalidations = new LongAdder();
  final LongAdder epochs = new LongAdder();

  NearStats snapshot() {
    return new NearStats(
        hits.sum(),
        verified.sum(),
        misses.sum(),
        unverified.sum(),
        kept.sum(),
        invalidations.sum(),
        epochs.sum());
  }
}
