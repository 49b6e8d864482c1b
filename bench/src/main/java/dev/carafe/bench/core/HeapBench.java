package dev.carafe.bench.core;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.bench.GcPauses;
import java.util.List;
import java.util.Map;
import org.openjdk.jol.info.GraphLayout;

/**
 * Heap bytes per entry, with the key and without the value. JOL sums all objects that are reachable
 * from the cache. A second figure is the growth of the used heap after a collection. The baseline
 * is Caffeine with values of the smallest possible handle.
 */
final class HeapBench {
  private static final int VALUE_BYTES = 100;

  /** An upper bound of the arena bytes per value, including the reserve. */
  private static final int ROOM_BYTES = 160;

  private final int entries;

  HeapBench(boolean quick) {
    this.entries = quick ? 250_000 : 4_000_000;
    System.setProperty("jol.magicFieldOffset", "true"); // also for fields of records
  }

  /** The smallest heap object of a cache that stores values outside the heap. */
  private record Handle(long address) {}

  List<Figure> run() {
    long before = GcPauses.heapBytes();
    Cache<Long, Handle> plain =
        Caffeine.newBuilder()
            .maximumWeight(Long.MAX_VALUE >> 1)
            .<Long, Handle>weigher((_, _) -> VALUE_BYTES)
            .build();
    for (long key = 0; key < entries; key++) {
      plain.put(HitsBench.boxed(key), new Handle(key));
    }
    plain.cleanUp();
    Figure first = figure("caffeine", plain, before);
    plain.invalidateAll();
    before = GcPauses.heapBytes();
    try (Carafe<Long, byte[]> cache =
        Carafe.newBuilder()
            .keyCodec(Codec.int64())
            .valueCodec(Codec.bytes())
            .memory((64L << 20) + (long) entries * ROOM_BYTES)
            .build()) {
      byte[] value = new byte[VALUE_BYTES];
      for (long key = 0; key < entries; key++) {
        cache.put(HitsBench.boxed(key), value);
      }
      cache.cleanUp();
      if (cache.estimatedSize() != entries) {
        throw new IllegalStateException(cache.estimatedSize() + " entries of " + entries);
      }
      return List.of(first, figure("carafe", cache, before));
    }
  }

  private Figure figure(String contender, Object cache, long before) {
    double used = (double) (GcPauses.heapBytes() - before) / entries;
    GraphLayout graph = GraphLayout.parseInstance(cache);
    double bytes = (double) graph.totalSize() / entries;
    return new Figure(
        "heap an entry, " + entries + " entries",
        contender,
        bytes,
        bytes,
        bytes,
        "B",
        true,
        Double.NaN,
        Map.of(
            "B left by a collection",
            used,
            "objects per 1000",
            1000.0 * graph.totalCount() / entries));
  }
}
