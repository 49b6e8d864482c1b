package dev.carafe.bench.policy;

import dev.carafe.bench.Trace;
import java.util.List;
import java.util.Locale;

/** The simulated policies. */
enum PolicyKind implements SimulationGrid.Choice {
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

  @Override
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Replays a trace through a cache whose memory has this policy. Evictions are written. */
  SimulatedCache.Result simulate(Trace trace, long memoryBytes, long fileBytes) {
    return simulate(trace, memoryBytes, fileBytes, List.of(AdmissionKind.EVICTIONS)).getFirst();
  }

  /** As above, for each of several choices of what is written to the file. */
  List<SimulatedCache.Result> simulate(
      Trace trace, long memoryBytes, long fileBytes, List<AdmissionKind> admissions) {
    int keys = trace.keyCount();
    List<SimulatedFileTier> files =
        admissions.stream()
            .map(admission -> new SimulatedFileTier(keys, fileBytes, admission))
            .toList();
    return new SimulatedCache(keys, create(keys, memoryBytes), files).replay(trace).results();
  }

  SimulatedMemory create(int keyCount, long capacityBytes) {
    return factory.create(keyCount, capacityBytes);
  }
}
