package dev.carafe.cache;

import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.MissRatioCurve;
import dev.carafe.MissRatioCurve.Point;
import dev.carafe.tier.AccessSample;
import dev.carafe.tier.FileStats;
import dev.carafe.tier.FileTier;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The estimates of {@link AccessSample} in terms of the sizes of a cache. */
record MissRatios(Tiers<?> tiers) {
  private static final double[] FACTORS = {0.5, 1, 2, 4};
  private static final int LARGEST_FACTOR = 4;

  /** The compression ratio up to which the sample reaches four times the capacity of the file. */
  private static final int COMPRESSION = 2;

  /** Returns the sizes that are estimated for a cache of these capacities. */
  static AccessSample.Sizes sizes(long memoryBytes, @Nullable FileOptions file) {
    long fileBytes = file == null ? 0 : file.capacityBytes();
    int ratio = file == null || file.compression() == Compression.NONE ? 1 : COMPRESSION;
    return new AccessSample.Sizes(
        memoryBytes - memoryBytes / 8,
        LARGEST_FACTOR * memoryBytes,
        LARGEST_FACTOR * (memoryBytes + ratio * fileBytes));
  }

  /** Returns the curve; null if the cache records none. */
  @Nullable MissRatioCurve curve() {
    AccessSample sample = tiers.accesses.sample();
    if (sample == null) {
      return null;
    }
    Counters c = tiers.cache.counters();
    long reads = c.memoryHits.sum() + c.fileHits.sum() + c.misses.sum();
    AccessSample.Estimates estimates = sample.estimates(reads);
    List<Point> points = new ArrayList<>();
    for (AccessSample.Estimate estimate : estimates.byCapacity()) {
      points.add(new Point(estimate.bytes(), estimate.hitRatio()));
    }
    MissRatioCurve all = new MissRatioCurve(estimates.reads(), List.of(), List.of(), points);
    return new MissRatioCurve(estimates.reads(), ofMemory(all), ofFile(all, estimates), points);
  }

  private long memoryBytes() {
    return tiers.index.isShared() ? policyBytes() : tiers.storage.memory.pool().capacityBytes();
  }

  /** The part of the memory that the policy fills. */
  private long policyBytes() {
    return tiers.index.eviction().getMaximum();
  }

  private List<Point> ofMemory(MissRatioCurve all) {
    List<Point> sizes = new ArrayList<>();
    for (double factor : FACTORS) {
      long bytes = (long) (factor * memoryBytes());
      sizes.add(new Point(bytes, all.hitRatio((long) (factor * policyBytes()))));
    }
    return sizes;
  }

  /**
   * Returns the hit ratios of both tiers for other capacities of the file. The file also has what
   * memory has, so the larger tier decides. A file that is not smaller has the same values from
   * before.
   */
  private List<Point> ofFile(MissRatioCurve all, AccessSample.Estimates estimates) {
    FileTier file = tiers.storage.file;
    List<Point> sizes = new ArrayList<>();
    if (file != null) {
      FileStats s = file.metrics().stats();
      double meanBytes = estimates.meanBytes();
      double meanRecord = s.records() == 0 ? 0 : (double) s.liveBytes() / s.records();
      double inMemory = meanRecord == 0 || meanBytes == 0 ? 1 : meanBytes / meanRecord;
      for (double factor : FACTORS) {
        long bytes = (long) (factor * s.capacityBytes());
        long held = Math.max(policyBytes(), (long) (inMemory * bytes));
        double before = factor < 1 ? 0 : estimates.heldBefore();
        sizes.add(new Point(bytes, Math.min(1, all.hitRatio(held) + before)));
      }
    }
    return sizes;
  }
}
