package dev.carafe.bench;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/**
 * Replays a trace through Caffeine with the same number of value bytes. Its hit ratio is the hit
 * ratio of a memory tier without chunk rounding and without reserve. The cache holds sizes instead
 * of values.
 */
final class PlainCaffeine {
  private PlainCaffeine() {}

  static long hits(Trace trace, long budgetBytes) {
    Cache<String, Integer> cache =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumWeight(budgetBytes)
            .<String, Integer>weigher((key, size) -> Math.max(1, size))
            .build();
    long hits = 0;
    for (int i = 0; i < trace.requests(); i++) {
      String key = trace.key(trace.keyId(i));
      int size = trace.size(i);
      switch (trace.op(i)) {
        case Trace.GET -> {
          boolean[] loaded = {false};
          Integer found =
              cache.get(
                  key,
                  missing -> {
                    loaded[0] = true;
                    return size;
                  });
          hits += found != null && !loaded[0] ? 1 : 0;
        }
        case Trace.SET -> cache.put(key, size);
        default -> cache.invalidate(key);
      }
    }
    return hits;
  }
}
