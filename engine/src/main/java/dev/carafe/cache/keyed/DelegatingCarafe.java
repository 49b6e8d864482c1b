package dev.carafe.cache.keyed;

import com.github.benmanes.caffeine.cache.stats.CacheStats;
import dev.carafe.Carafe;
import dev.carafe.Health;
import dev.carafe.MemoryUsage;
import dev.carafe.TierStats;

/**
 * The operations of a cache that concern no key. They are those of the underlying cache.
 *
 * @param <K> the application's keys
 * @param <V> values
 */
abstract class DelegatingCarafe<K, V> implements Carafe<K, V> {
  private final Carafe<?, V> delegate;

  DelegatingCarafe(Carafe<?, V> delegate) {
    this.delegate = delegate;
  }

  @Override
  public void invalidateAll() {
    delegate.invalidateAll();
  }

  @Override
  public long estimatedSize() {
    return delegate.estimatedSize();
  }

  @Override
  public CacheStats stats() {
    return delegate.stats();
  }

  @Override
  public void cleanUp() {
    delegate.cleanUp();
  }

  @Override
  public void flush() {
    delegate.flush();
  }

  @Override
  public Health health() {
    return delegate.health();
  }

  @Override
  public TierStats tierStats() {
    return delegate.tierStats();
  }

  @Override
  public MemoryUsage memoryUsage() {
    return delegate.memoryUsage();
  }

  @Override
  public void close() {
    delegate.close();
  }

  @Override
  public String toString() {
    return delegate.toString();
  }
}
