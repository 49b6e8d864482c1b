package dev.carafe.bench.policy;

import dev.carafe.bench.Trace;
import java.util.Locale;

/** The simulated policies. */
enum PolicyKind {
  /** Least recently used. */
  LRU(Lru::new),
  /** SIEVE. */
  SIEVE(Sieve::new),
  /** S3-FIFO. */
  S3_FIFO(S3Fifo::new),
  /** Greedy dual by size and frequency. */
  GDSF(Gdsf::new),
  /** Caffeine's W-TinyLFU, which the engine uses. */
  CAFFEINE(CaffeineMemory::new),
  /** A candidate for the engine: W-TinyLFU with window and admission selected by shadow caches. */
  DUEL(CarafeMemory::new);

  @SuppressWarnings("ImmutableEnumChecker") // constructors capture nothing
  private final Factory factory;

  PolicyKind(Factory factory) {
    this.factory = factory;
  }

  private interface Factory {
    SimulatedMemory create(int keyCount, long capacityBytes);
  }

  /** Whether it is a reference policy. The candidate is not. */
  boolean isReference() {
    return this != DUEL;
  }

  /** The name in tables. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Replays a trace through a cache whose memory has this policy. */
  SimulatedCache simulate(Trace trace, long memoryBytes, long fileBytes) {
    int keys = trace.keyCount();
    return new SimulatedCache(create(keys, memoryBytes), new SimulatedFile(keys, fileBytes))
        .replay(trace);
  }

  SimulatedMemory create(int keyCount, long capacityBytes) {
    return factory.create(keyCount, capacityBytes);
  }
}
