package dev.carafe.infinispan;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.manager.DefaultCacheManager;

/** Cache managers of one process, without a network. */
final class Managers {
  private Managers() {}

  /** Starts a manager with a cache {@code c} over a store of 4 MiB. */
  static DefaultCacheManager open(Path directory, Consumer<CarafeStoreConfigurationBuilder> more) {
    return open(directory, new ConfigurationBuilder(), more);
  }

  static DefaultCacheManager open(
      Path directory, ConfigurationBuilder cache, Consumer<CarafeStoreConfigurationBuilder> more) {
    GlobalConfigurationBuilder global = new GlobalConfigurationBuilder();
    global.nonClusteredDefault();
    global.defaultCacheName("default");
    global.metrics().gauges(false).histograms(false);
    more.accept(
        cache
            .persistence()
            .addStore(CarafeStoreConfigurationBuilder.class)
            .path(directory.toString())
            .memory(1 << 20)
            .fileSize(4 << 20));
    DefaultCacheManager manager = new DefaultCacheManager(global.build());
    manager.defineConfiguration("default", new ConfigurationBuilder().build());
    manager.defineConfiguration("c", cache.build());
    return manager;
  }
}
