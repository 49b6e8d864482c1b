package dev.carafe.infinispan;

import org.infinispan.commons.util.Util;
import org.infinispan.configuration.cache.Configuration;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.persistence.BaseNonBlockingStoreTest;
import org.infinispan.persistence.spi.NonBlockingStore;
import org.infinispan.testing.Testing;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Infinispan's own tests of a store. */
@Test(groups = "unit", testName = "dev.carafe.infinispan.CarafeNonBlockingStoreTest")
public class CarafeNonBlockingStoreTest extends BaseNonBlockingStoreTest {
  private String directory = "";

  @BeforeClass(alwaysRun = true)
  protected void setUpDirectory() {
    directory = Testing.tmpDirectory(getClass());
  }

  @AfterClass(alwaysRun = true)
  protected void removeDirectory() {
    Util.recursiveFileRemove(directory);
  }

  @Override
  protected NonBlockingStore<Object, Object> createStore() {
    return new CarafeNonBlockingStore<>();
  }

  @Override
  protected Configuration buildConfig(ConfigurationBuilder builder) {
    builder.clustering().hash().numSegments(2);
    return builder
        .persistence()
        .addStore(CarafeStoreConfigurationBuilder.class)
        .path(directory)
        .memory(1 << 20)
        .fileSize(16 << 20)
        .build();
  }
}
