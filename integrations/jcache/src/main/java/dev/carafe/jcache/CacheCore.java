package dev.carafe.jcache;

import javax.cache.Cache;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.configuration.Configuration;
import javax.cache.configuration.Factory;
import javax.cache.expiry.ExpiryPolicy;
import javax.cache.integration.CacheLoader;
import org.jspecify.annotations.Nullable;

/** What each cache has: its configuration, the objects that it creates, statistics and MBeans. */
abstract class CacheCore<K, V> {
  private final Cache<K, V> cache;
  private final CarafeConfiguration<K, V> configuration;
  private final Statistics statistics = new Statistics();
  private final ExpiryPolicy expiry;
  private final @Nullable CacheLoader<K, V> loader;

  CacheCore(Cache<K, V> cache, CarafeConfiguration<K, V> configuration) {
    this.cache = cache;
    this.configuration = configuration;
    this.expiry = configuration.getExpiryPolicyFactory().create();
    Factory<CacheLoader<K, V>> loaders = configuration.getCacheLoaderFactory();
    this.loader = loaders == null ? null : loaders.create();
  }

  final Cache<K, V> cache() {
    return cache;
  }

  final CarafeConfiguration<K, V> configuration() {
    return configuration;
  }

  final Statistics statistics() {
    return statistics;
  }

  final ExpiryPolicy expiry() {
    return expiry;
  }

  /** The loader of misses and of {@code loadAll}; null if there is none. */
  final @Nullable CacheLoader<K, V> loader() {
    return loader;
  }

  final synchronized <C extends Configuration<K, V>> C configurationAs(Class<C> type) {
    return Unwrapping.unwrap(type, new CarafeConfiguration<>(configuration));
  }

  abstract void register(CacheEntryListenerConfiguration<K, V> added);

  abstract void deregister(CacheEntryListenerConfiguration<K, V> removed);

  /** What {@code unwrap} returns beside the cache. */
  abstract Object[] under();

  final synchronized void enableManagement(boolean on) {
    if (on) {
      Beans.register(cache, new Beans.Shown(configuration), Beans.Kind.CONFIGURATION);
    } else {
      Beans.unregister(cache, Beans.Kind.CONFIGURATION);
    }
    configuration.setManagementEnabled(on);
  }

  final synchronized void enableStatistics(boolean on) {
    if (on) {
      Beans.register(cache, statistics, Beans.Kind.STATISTICS);
    } else {
      Beans.unregister(cache, Beans.Kind.STATISTICS);
    }
    statistics.enable(on);
    configuration.setStatisticsEnabled(on);
  }

  final void disableBeans() {
    enableManagement(false);
    enableStatistics(false);
  }

  /** Closes the objects that the configuration created. */
  void closeApplications() {
    Closing.close(loader);
    Closing.close(expiry);
  }

  abstract void close();
}
