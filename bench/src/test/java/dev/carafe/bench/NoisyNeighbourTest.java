package dev.carafe.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.TierStats;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A cache of a store with a reserve beside one without that replays another trace, with ten
 * requests for each of its own. The quiet cache loses at most 2 points of the hit ratio that it has
 * alone with its reserve as its ceiling.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class NoisyNeighbourTest {
  private static final long MEMORY_BYTES = 16 << 20;
  private static final long FILE_BYTES = 64 << 20;
  private static final int NOISY_REQUESTS = 10;
  private static final int LIMIT = 15_000;
  private static final double MAX_LOSS_POINTS = 2;

  @TempDir Path directory;

  private static Trace trace(String name) throws IOException {
    return Trace.read(
        Path.of("traces").resolve(name + ".csv.gz"),
        new Trace.Reading(LIMIT, name.startsWith("clickbench") ? 0.01 : 0.1, _ -> 20_000));
  }

  private CarafeStore store(String name, boolean withFile) {
    CarafeStore.Builder builder = CarafeStore.newBuilder().memory(MEMORY_BYTES);
    if (withFile) {
      builder.file(FileOptions.at(directory.resolve(name), FILE_BYTES));
    }
    return builder.build();
  }

  private static CarafeBuilder<String, byte[]> cache(CarafeStore store, String name) {
    return store.cache(name, Codec.utf8(), Codec.bytes()).executor(Runnable::run);
  }

  private static void request(Carafe<String, byte[]> cache, Trace trace, int number) {
    int size = trace.size(number);
    String key = trace.key(trace.keyId(number));
    switch (trace.op(number)) {
      case Trace.GET -> {
        var _ = cache.get(key, missing -> ValueBytes.of(missing, size));
      }
      case Trace.SET -> cache.put(key, ValueBytes.of(key, size));
      default -> cache.invalidate(key);
    }
  }

  /** The part of the reads that memory answered, in points. */
  private static double memoryHits(TierStats stats, Trace trace) {
    return 100.0 * stats.memory().hits() / trace.gets();
  }

  private double alone(Trace quiet, long reserveBytes, boolean withFile) {
    try (CarafeStore store = store("alone", withFile);
        var cache = cache(store, "quiet").memory(reserveBytes).memoryLimit(reserveBytes).build()) {
      for (int i = 0; i < quiet.requests(); i++) {
        request(cache, quiet, i);
      }
      return memoryHits(cache.tierStats(), quiet);
    }
  }

  private double withNeighbour(Trace quiet, Trace noisy, long reserveBytes, boolean withFile) {
    try (CarafeStore store = store("both", withFile);
        var cache = cache(store, "quiet").memory(reserveBytes).build();
        var neighbour = cache(store, "noisy").build()) {
      int next = 0;
      for (int i = 0; i < quiet.requests(); i++) {
        request(cache, quiet, i);
        for (int j = 0; j < NOISY_REQUESTS; j++) {
          request(neighbour, noisy, next);
          next = (next + 1) % noisy.requests();
        }
      }
      assertTrue(neighbour.tierStats().memory().entries() > 0);
      return memoryHits(cache.tierStats(), quiet);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "lirs_multi3, clickbench_q00_q22, 2, true",
    "lirs_multi3, orm_busy, 1, false",
    "lirs_2_pools, orm_busy, 4, true",
    "meta_cdn_pieces, orm_busy, 8, false"
  })
  void aQuietCacheLosesLittleWithinItsReserve(
      String quietName, String noisyName, int reserveMib, boolean withFile) throws IOException {
    Trace quiet = trace(quietName);
    Trace noisy = trace(noisyName);
    long reserveBytes = (long) reserveMib << 20;
    double alone = alone(quiet, reserveBytes, withFile);
    double beside = withNeighbour(quiet, noisy, reserveBytes, withFile);
    String result =
        String.format(
            Locale.ROOT,
            "%s with %d MiB: %.2f %% alone, %.2f %% beside %s",
            quietName,
            reserveMib,
            alone,
            beside,
            noisyName);
    System.getLogger("dev.carafe.bench").log(System.Logger.Level.INFO, result);
    assertTrue(alone > 5 && beside > alone - MAX_LOSS_POINTS, result);
  }
}
