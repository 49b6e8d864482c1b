package dev.carafe.springboot;

import dev.carafe.CarafeStore;
import dev.carafe.FileOptions;
import java.util.List;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.cache.autoconfigure.CacheAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cache.CacheManager;
import org.springframework.cache.interceptor.CacheResolver;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.ResourceLoader;

/**
 * Opens the store of an application with the properties {@code carafe.*}, and a cache manager over
 * it where caching is enabled. A bean of the application replaces either. The store is closed after
 * the web server has stopped.
 */
@AutoConfiguration(before = CacheAutoConfiguration.class)
@ConditionalOnProperty(name = "carafe.enabled", matchIfMissing = true)
@EnableConfigurationProperties(CarafeProperties.class)
public final class CarafeAutoConfiguration {
  /** For Spring. */
  public CarafeAutoConfiguration() {}

  /** Opens the store. */
  @Bean(destroyMethod = "close")
  @ConditionalOnMissingBean
  CarafeStore carafeStore(CarafeProperties properties) {
    CarafeStore.Builder store =
        CarafeStore.newBuilder()
            .memory(properties.memory().toBytes())
            .persistWithin(properties.persistWithin());
    if (properties.indexMemory() != null) {
      store.indexMemory(properties.indexMemory().toBytes());
    }
    if (properties.writeBudget() != null) {
      store.writeBudget(properties.writeBudget().toBytes());
    }
    FileOptions file = properties.fileOptions();
    if (file != null) {
      store.file(file);
    }
    return store.build();
  }

  /** Spring's caches in the store, unless {@code spring.cache.type} names another library. */
  @Bean
  @ConditionalOnMissingBean({CacheManager.class, CacheResolver.class})
  @ConditionalOnProperty(name = "spring.cache.type", havingValue = "carafe", matchIfMissing = true)
  CarafeCaches cacheManager(
      CarafeStore store,
      CarafeProperties properties,
      ListableBeanFactory beans,
      ResourceLoader resources,
      ObjectProvider<CarafeCacheCustomizer> customizers) {
    List<String> packages =
        AutoConfigurationPackages.has(beans) ? AutoConfigurationPackages.get(beans) : List.of();
    NamedCodecs codecs =
        new NamedCodecs(
            beans,
            resources.getClassLoader(),
            SerialFilters.of(properties.serialFilter(), packages));
    return new CarafeCaches(store, properties, codecs, customizers.orderedStream().toList());
  }
}
