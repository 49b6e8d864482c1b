package dev.carafe.cache;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Many futures as one. */
final class Futures {
  private Futures() {}

  /** Complete when all are; without the keys whose future gave null. */
  static <K, V> CompletableFuture<Map<K, V>> all(Map<K, CompletableFuture<V>> futures) {
    return CompletableFuture.allOf(futures.values().toArray(CompletableFuture[]::new))
        .thenApply(done -> {
          Map<K, V> values = new LinkedHashMap<>();
          futures.forEach((key, future) -> {
            V value = future.join();
            if (value != null) {
              values.put(key, value);
            }
          });
          return Collections.unmodifiableMap(values);
        });
  }
}
