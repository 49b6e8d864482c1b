package dev.carafe.springboot;

import dev.carafe.CarafeStore;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * Adds the component {@code carafe} to the health of an application with Spring Boot's actuator,
 * unless {@code management.health.carafe.enabled} is false.
 */
@AutoConfiguration(after = CarafeAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnEnabledHealthIndicator.class)
@ConditionalOnBean(CarafeStore.class)
public final class CarafeHealthAutoConfiguration {
  /** For Spring. */
  public CarafeHealthAutoConfiguration() {}

  /** Reports the store, and the connections of its caches. */
  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnEnabledHealthIndicator("carafe")
  CarafeHealthIndicator carafeHealthIndicator(
      CarafeStore store, ObjectProvider<CarafeCaches> manager) {
    return new CarafeHealthIndicator(
        store,
        () -> {
          CarafeCaches caches = manager.getIfAvailable();
          return caches == null ? Map.of() : caches.connected();
        });
  }
}
