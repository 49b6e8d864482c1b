package dev.carafe.springboot;

import dev.carafe.CarafeBuilder;

/**
 * A bean that sets what properties can't: listeners, an expiry of each entry, a scheduler. Called
 * when a cache is opened, after its properties were set. A setting can be given once, so it throws
 * for one that a property has set.
 */
@FunctionalInterface
public interface CarafeCacheCustomizer {
  /**
   * Changes the builder of a cache.
   *
   * @param cacheName the name of the cache
   * @param cache the builder
   */
  void customize(String cacheName, CarafeBuilder<Object, Object> cache);
}
