package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.base.ErrorLog;

/**
 * The application's statistics counter. Its exceptions are logged and suppressed, as in Caffeine.
 */
final class GuardedStats implements StatsCounter {
  private static final String THREW = "the StatsCounter threw";

  private final StatsCounter counter;
  private final ErrorLog errors;

  private GuardedStats(StatsCounter counter, ErrorLog errors) {
    this.counter = counter;
    this.errors = errors;
  }

  /** Returns the disabled counter unchanged, since it is compared by identity. */
  static StatsCounter of(StatsCounter counter, ErrorLog errors) {
    return counter == StatsCounter.disabledStatsCounter()
        ? counter
        : new GuardedStats(counter, errors);
  }

  @Override
  public void recordHits(int hits) {
    try {
      counter.recordHits(hits);
    } catch (Throwable t) {
      errors.report(THREW, t);
    }
  }

  @Override
  public void recordMisses(int misses) {
    try {
      counter.recordMisses(misses);
    } catch (Throwable t) {
      errors.report(THREW, t);
    }
  }

  @Override
  public void recordLoadSuccess(long nanos) {
    try {
      counter.recordLoadSuccess(nanos);
    } catch (Throwable t) {
      errors.report(THREW, t);
    }
  }

  @Override
  public void recordLoadFailure(long nanos) {
    try {
      counter.recordLoadFailure(nanos);
    } catch (Throwable t) {
      errors.report(THREW, t);
    }
  }

  @Override
  public void recordEviction(int weight, RemovalCause cause) {
    try {
      counter.recordEviction(weight, cause);
    } catch (Throwable t) {
      errors.report(THREW, t);
    }
  }

  @Override
  public CacheStats snapshot() {
    try {
      return counter.snapshot();
    } catch (Throwable t) {
      errors.report(THREW, t);
      return CacheStats.empty();
    }
  }

  @Override
  public String toString() {
    return counter.toString();
  }
}
