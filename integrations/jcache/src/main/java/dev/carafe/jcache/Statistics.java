package dev.carafe.jcache;

import java.util.concurrent.atomic.LongAdder;
import javax.cache.management.CacheStatisticsMXBean;

/** JSR-107's statistics, counted while they are enabled. */
final class Statistics implements CacheStatisticsMXBean {
  private static final double NANOS_PER_MICRO = 1_000;

  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder puts = new LongAdder();
  private final LongAdder removals = new LongAdder();
  private final LongAdder evictions = new LongAdder();
  private final LongAdder getNanos = new LongAdder();
  private final LongAdder putNanos = new LongAdder();
  private final LongAdder removeNanos = new LongAdder();
  private volatile boolean enabled;

  void enable(boolean on) {
    enabled = on;
  }

  /** The start time of an operation; unspecified while statistics are disabled. */
  long start() {
    return enabled ? System.nanoTime() : 0;
  }

  /** Counts a read of one key, which began at {@code start}. */
  void gotOne(boolean hit, long start) {
    got(hit ? 1 : 0, hit ? 0 : 1, start);
  }

  void got(long hitCount, long missCount, long start) {
    if (enabled) {
      hits.add(hitCount);
      misses.add(missCount);
      getNanos.add(System.nanoTime() - start);
    }
  }

  void put(long count, long start) {
    if (enabled && count > 0) {
      puts.add(count);
      putNanos.add(System.nanoTime() - start);
    }
  }

  void removed(long count, long start) {
    if (enabled && count > 0) {
      removals.add(count);
      removeNanos.add(System.nanoTime() - start);
    }
  }

  void evicted() {
    if (enabled) {
      evictions.increment();
    }
  }

  @Override
  public void clear() {
    for (LongAdder next :
        new LongAdder[] {
          hits, misses, puts, removals, evictions, getNanos, putNanos, removeNanos
        }) {
      next.reset();
    }
  }

  @Override
  public long getCacheHits() {
    return hits.sum();
  }

  @Override
  public float getCacheHitPercentage() {
    return percentage(hits.sum(), getCacheGets());
  }

  @Override
  public long getCacheMisses() {
    return misses.sum();
  }

  @Override
  public float getCacheMissPercentage() {
    return percentage(misses.sum(), getCacheGets());
  }

  private static float percentage(long part, long all) {
    return all == 0 ? 0 : 100f * part / all;
  }

  @Override
  public long getCacheGets() {
    return hits.sum() + misses.sum();
  }

  @Override
  public long getCachePuts() {
    return puts.sum();
  }

  @Override
  public long getCacheRemovals() {
    return removals.sum();
  }

  @Override
  public long getCacheEvictions() {
    return evictions.sum();
  }

  @Override
  public float getAverageGetTime() {
    return micros(getNanos, getCacheGets());
  }

  @Override
  public float getAveragePutTime() {
    return micros(putNanos, puts.sum());
  }

  @Override
  public float getAverageRemoveTime() {
    return micros(removeNanos, removals.sum());
  }

  private static float micros(LongAdder nanos, long count) {
    return count == 0 ? 0 : (float) (nanos.sum() / NANOS_PER_MICRO / count);
  }
}
