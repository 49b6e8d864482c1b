package dev.carafe.infinispan;

import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.cache.PersistenceConfigurationBuilder;
import org.infinispan.persistence.BaseStoreFunctionalTest;
import org.testng.annotations.Test;

/** Infinispan's own tests of a cache with a store. */
@Test(groups = "unit", testName = "dev.carafe.infinispan.CarafeStoreFunctionalTest")
public class CarafeStoreFunctionalTest extends BaseStoreFunctionalTest {
  private final int segments;
  private final boolean segmented;

  public CarafeStoreFunctionalTest() {
    this(256, true);
  }

  CarafeStoreFunctionalTest(int segments, boolean segmented) {
    this.segments = segments;
    this.segmented = segmented;
  }

  @Override
  protected ConfigurationBuilder getDefaultCacheConfiguration() {
    ConfigurationBuilder builder = super.getDefaultCacheConfiguration();
    builder.clustering().hash().numSegments(segments);
    return builder;
  }

  @Override
  protected PersistenceConfigurationBuilder createCacheStoreConfig(
      PersistenceConfigurationBuilder persistence, String cacheName, boolean preload) {
    persistence
        .addStore(CarafeStoreConfigurationBuilder.class)
        .memory(1 << 20)
        .fileSize(16 << 20)
        .segmented(segmented)
        .preload(preload);
    return persistence;
  }
}
