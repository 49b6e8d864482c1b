package dev.carafe.springboot;

import dev.carafe.CarafeStore;
import dev.carafe.micrometer.CarafeMetrics;
import dev.carafe.micrometer.CarafeStoreMetrics;
import dev.carafe.redis.CarafeNearMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.cache.metrics.CacheMetricsRegistrar;
import org.springframework.cache.Cache;
import org.springframework.context.annotation.Bean;

/**
 * Binds the meters of the store and of each of its caches to the registry of the application: those
 * of {@link CarafeStoreMetrics} and {@link CarafeMetrics}, and {@code cache.*} of Spring Boot also
 * for caches that are opened later.
 */
@AutoConfiguration(
    after = CarafeAutoConfiguration.class,
    afterName =
        "org.springframework.boot.cache.autoconfigure.metrics.CacheMetricsAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean(CarafeStore.class)
public final class CarafeMetricsAutoConfiguration {
  /** As Spring Boot names the bean in the meters that it binds itself. */
  private static final Tag MANAGER = Tag.of("cache.manager", "cacheManager");

  /** For Spring. */
  public CarafeMetricsAutoConfiguration() {}

  /** Binds the meters of what the caches share. */
  @Bean
  @ConditionalOnMissingBean
  CarafeStoreMetrics carafeStoreMeters(CarafeStore store) {
    return new CarafeStoreMetrics(store, "carafeStore", Tags.empty());
  }

  /** Binds the meters of the caches that are open, and of each one that is opened later. */
  @Bean
  @ConditionalOnBean(CarafeCaches.class)
  MeterBinder carafeMeters(CarafeCaches caches, ObjectProvider<CacheMetricsRegistrar> registrar) {
    return registry ->
        caches.observe(cache -> {
          bind(cache, registry);
          registrar.ifAvailable(each -> {
            if (!isBound(cache.getName(), registry)) {
              each.bindCacheToRegistry(cache, MANAGER);
            }
          });
        });
  }

  /** Whether Spring Boot has bound its meters already: it does so when the registrar is created. */
  private static boolean isBound(String cache, MeterRegistry registry) {
    return registry.find("cache.size").tags(Tags.of(MANAGER).and("cache", cache)).meter() != null;
  }

  private static void bind(Cache cache, MeterRegistry registry) {
    new CarafeMetrics(CarafeCaches.carafe(cache), cache.getName(), Tags.empty()).bindTo(registry);
    if (cache instanceof FarCache far) {
      new CarafeNearMetrics(far.getNativeCache(), far.getName(), Tags.empty()).bindTo(registry);
    }
  }
}
