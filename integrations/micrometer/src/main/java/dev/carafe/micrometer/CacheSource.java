package dev.carafe.micrometer;

import dev.carafe.Carafe;
import dev.carafe.Health;
import dev.carafe.MemoryUsage;
import dev.carafe.TierStats;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/** Reads a cache that it holds weakly, and remembers the last counters. Thread-safe. */
final class CacheSource {
  private final WeakReference<Carafe<?, ?>> cache;
  private volatile TierStats last;

  CacheSource(Carafe<?, ?> cache) {
    this.cache = new WeakReference<>(cache);
    this.last = cache.tierStats();
  }

  @Nullable Carafe<?, ?> cache() {
    return cache.get();
  }

  /** The counters now, or the last that were read if the cache is closed or collected. */
  TierStats stats() {
    var _ = statsIfOpen();
    return last;
  }

  /** The counters; null if the cache is closed or collected. */
  @Nullable TierStats statsIfOpen() {
    Carafe<?, ?> open = cache.get();
    if (open == null) {
      return null;
    }
    try {
      TierStats now = open.tierStats();
      last = now;
      return now;
    } catch (IllegalStateException e) { // closed
      return null;
    }
  }

  /** The memory; null if the cache is closed or collected. */
  @Nullable MemoryUsage usageIfOpen() {
    Carafe<?, ?> open = cache.get();
    try {
      return open == null ? null : open.memoryUsage();
    } catch (IllegalStateException e) { // closed
      return null;
    }
  }

  /** The health, also of a closed cache; null if it is collected. */
  @Nullable Health health() {
    Carafe<?, ?> open = cache.get();
    return open == null ? null : open.health();
  }
}
