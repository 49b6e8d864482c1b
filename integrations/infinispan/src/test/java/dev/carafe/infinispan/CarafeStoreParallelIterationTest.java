package dev.carafe.infinispan;

import org.infinispan.commons.util.Util;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.metadata.Metadata;
import org.infinispan.persistence.ParallelIterationTest;
import org.infinispan.testing.Testing;
import org.testng.annotations.Test;

/** Infinispan's own tests of parallel iterations over a store. */
@Test(groups = "functional", testName = "dev.carafe.infinispan.CarafeStoreParallelIterationTest")
public class CarafeStoreParallelIterationTest extends ParallelIterationTest {
  private String directory = "";

  @Override
  protected void configurePersistence(ConfigurationBuilder builder) {
    directory = Testing.tmpDirectory(getClass());
    builder
        .persistence()
        .addStore(CarafeStoreConfigurationBuilder.class)
        .path(directory)
        .memory(1 << 20)
        .fileSize(16 << 20);
  }

  @Override
  protected void teardown() {
    super.teardown();
    Util.recursiveFileRemove(directory);
  }

  @Override
  protected boolean hasMetadata(boolean fetchValues, int i) {
    return fetchValues && super.hasMetadata(fetchValues, i);
  }

  /** The store returns the metadata of each entry, also if it is not asked for. */
  @Override
  protected void assertMetadataEmpty(Metadata metadata, Object key) {}
}
