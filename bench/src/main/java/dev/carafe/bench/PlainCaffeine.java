package dev.carafe.bench;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/**
 * The same trace through a plain Caffeine that may hold as many value bytes: what the memory tier
 * would hit if chunks, reserve and the way over the file cost nothing. Only sizes are kept; hit
 * ratios need no bytes.
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
