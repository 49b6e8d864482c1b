package dev.carafe.micrometer;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.Health;
import dev.carafe.MemoryUsage;
import dev.carafe.TierStats;
import java.lang.ref.WeakReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a cache or a store that it holds weakly, and remembers the last counters. Thread-safe.
 *
 * @param <T> the cache or the store
 */
final class Source<T> {
  private final WeakReference<T> held;
  private final Function<T, TierStats> stats;
  private final Function<T, MemoryUsage> usage;
  private final Function<T, Health> health;
  private volatile TierStats last;

  private Source(
      T open,
      Function<T, TierStats> stats,
      Function<T, MemoryUsage> usage,
      Function<T, Health> health) {
    this.held = new WeakReference<>(open);
    this.stats = stats;
    this.usage = usage;
    this.health = health;
    this.last = stats.apply(open);
  }

  static Source<Carafe<?, ?>> of(Carafe<?, ?> cache) {
    return new Source<>(cache, Carafe::tierStats, Carafe::memoryUsage, Carafe::health);
  }

  static Source<CarafeStore> of(CarafeStore store) {
    return new Source<>(
        store, CarafeStore::tierStats, CarafeStore::memoryUsage, CarafeStore::health);
  }

  /** The cache or the store; null if it is collected. */
  @Nullable T held() {
    return held.get();
  }

  /** The counters now, or the last that were read if it is closed or collected. */
  TierStats stats() {
    var _ = statsIfOpen();
    return last;
  }

  /** The counters; null if it is closed or collected. */
  @Nullable TierStats statsIfOpen() {
    TierStats now = ifOpen(stats);
    if (now != null) {
      last = now;
    }
    return now;
  }

  /** The memory; null if it is closed or collected. */
  @Nullable MemoryUsage usageIfOpen() {
    return ifOpen(usage);
  }

  /** The health, also if it is closed; null if it is collected. */
  @Nullable Health health() {
    T open = held.get();
    return open == null ? null : health.apply(open);
  }

  /** What a function returns; null if the cache or store is closed or collected. */
  <R> @Nullable R ifOpen(Function<T, R> read) {
    T open = held.get();
    if (open == null || health.apply(open).memory().state() == Health.State.CLOSED) {
      return null;
    }
    try {
      return read.apply(open);
    } catch (IllegalStateException e) { // closed meanwhile
      return null;
    }
  }
}
