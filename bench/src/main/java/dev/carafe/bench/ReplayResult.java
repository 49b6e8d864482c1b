package dev.carafe.bench;

import dev.carafe.Carafe;
import dev.carafe.Health;
import dev.carafe.MemoryUsage;
import dev.carafe.TierStats;
import org.HdrHistogram.Histogram;

/**
 * The result of a replay.
 *
 * @param traffic the requests, and the cache after them
 * @param heap the heap and its collections during the requests
 * @param reopening the cache after it was closed and opened again
 * @param plainHits the hits of Caffeine with the same number of value bytes
 */
record ReplayResult(
    Trace trace,
    ReplayCommand.Setup setup,
    Traffic traffic,
    HeapUse heap,
    Reopening reopening,
    long plainHits) {
  private static final int TAIL_REQUESTS = 50_000;
  private static final int TAIL_SHARE = 10;

  /** The requests of the trace, and the state of the cache after them. */
  record Traffic(
      Replay.Counts counts,
      double seconds,
      TierStats tiers,
      MemoryUsage usage,
      Health health,
      long entriesAtClose) {
    static Traffic of(Replay.Counts counts, long nanos, Carafe<String, byte[]> cache) {
      cache.cleanUp();
      return new Traffic(
          counts,
          nanos / 1e9,
          cache.tierStats(),
          cache.memoryUsage(),
          cache.health(),
          cache.estimatedSize());
    }
  }

  /** The Java heap: pauses during the requests, and used bytes after a collection. */
  record HeapUse(long gcMillis, long longestGcMillis, long usedBytes) {}

  /**
   * A reopened cache.
   *
   * @param millisToFirstHit from the start of the opening; negative if no key was found
   * @param tail the last requests of the trace, sent again
   */
  record Reopening(double millisToOpen, double millisToFirstHit, long entries, Replay.Counts tail) {
    static Reopening of(Trace trace, long openNanos, Carafe<String, byte[]> cache) {
      long entries = cache.estimatedSize();
      double millisToFirstHit = -1;
      long start = System.nanoTime();
      for (int i = trace.requests() - 1; i >= 0 && millisToFirstHit < 0; i--) {
        if (cache.getIfPresent(trace.key(trace.keyId(i))) != null) {
          millisToFirstHit = (openNanos + System.nanoTime() - start) / 1e6;
        }
      }
      Replay.Counts tail =
          Replay.tail(trace, cache, Math.min(TAIL_REQUESTS, trace.requests() / TAIL_SHARE));
      return new Reopening(openNanos / 1e6, millisToFirstHit, entries, tail);
    }
  }

  /** The number of values that did not belong to their key. */
  long wrong() {
    return traffic.counts().wrong + reopening.tail().wrong;
  }

  long hits() {
    return traffic.counts().gets - traffic.counts().loads;
  }

  long fileHits() {
    return traffic.tiers().file().hits();
  }

  long memoryHits() {
    return hits() - fileHits();
  }

  /** A number of gets in percent of all gets. */
  double percent(long part) {
    return 100.0 * part / Math.max(1, traffic.counts().gets);
  }

  static double micros(Histogram histogram, double percentile) {
    return histogram.getValueAtPercentile(percentile) / 1e3;
  }
}
