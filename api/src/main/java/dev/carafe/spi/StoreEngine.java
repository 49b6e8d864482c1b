package dev.carafe.spi;

import dev.carafe.Health;
import dev.carafe.MemoryUsage;
import dev.carafe.TierStats;
import java.util.Map;
import java.util.Set;

/** The engine of an open store. {@link dev.carafe.CarafeStore} describes the operations. */
public interface StoreEngine extends AutoCloseable {
  /**
   * Returns an engine that opens the cache of a name.
   *
   * @param name of the cache
   * @return an engine for one cache
   */
  CacheEngine cache(String name);

  /**
   * Returns the names of all caches.
   *
   * @return those that are open, and those that only the file has
   */
  Set<String> cacheNames();

  /**
   * Removes a cache.
   *
   * @param name of the cache
   */
  void drop(String name);

  /**
   * Changes the capacities.
   *
   * @param memoryBytes of the memory
   * @param fileBytes of the file
   */
  void resize(long memoryBytes, long fileBytes);

  /** Makes all changes of all caches durable. */
  void flush();

  /**
   * Returns the health of the tiers.
   *
   * @return a snapshot
   */
  Health health();

  /**
   * Returns the memory of the store.
   *
   * @return bytes by tag
   */
  MemoryUsage memoryUsage();

  /**
   * Returns the counters of all caches together.
   *
   * @return a snapshot
   */
  TierStats tierStats();

  /**
   * Returns the counters of each open cache.
   *
   * @return a snapshot by name
   */
  Map<String, TierStats> tierStatsByCache();

  @Override
  void close();
}
