package dev.carafe.infinispan;

import dev.carafe.CarafeBuilder;
import dev.carafe.FileOptions;
import java.time.Duration;
import org.infinispan.commons.CacheConfigurationException;
import org.infinispan.commons.configuration.Combine;
import org.infinispan.commons.configuration.attributes.AttributeDefinition;
import org.infinispan.commons.configuration.attributes.AttributeSet;
import org.infinispan.configuration.cache.AbstractStoreConfigurationBuilder;
import org.infinispan.configuration.cache.AsyncStoreConfiguration;
import org.infinispan.configuration.cache.PersistenceConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfiguration;
import org.infinispan.persistence.PersistenceUtil;

/**
 * Configures a {@link CarafeNonBlockingStore}. {@link #fileSize} is required. {@link #path} is
 * required if the cache manager has no global state. Not thread-safe.
 *
 * <pre>{@code
 * new ConfigurationBuilder()
 *     .persistence()
 *     .addStore(CarafeStoreConfigurationBuilder.class)
 *     .path("/var/lib/app")
 *     .memory(256 << 20)
 *     .fileSize(16L << 30);
 * }</pre>
 */
public class CarafeStoreConfigurationBuilder
    extends AbstractStoreConfigurationBuilder<
        CarafeStoreConfiguration, CarafeStoreConfigurationBuilder> {

  /**
   * Starts a configuration. {@link PersistenceConfigurationBuilder#addStore(Class)} calls it.
   *
   * @param builder the stores of the cache
   */
  public CarafeStoreConfigurationBuilder(PersistenceConfigurationBuilder builder) {
    super(
        builder,
        CarafeStoreConfiguration.attributeDefinitionSet(),
        AsyncStoreConfiguration.attributeDefinitionSet());
  }

  /**
   * Sets the directory of the file. The file of a cache is {@code path/CACHE/store.carafe}.
   *
   * @param path a directory, which is created if it does not exist; under the persistent location
   *     of the cache manager if that has a global state, which is also the default
   * @return this builder
   */
  public CarafeStoreConfigurationBuilder path(String path) {
    attributes.attribute(CarafeStoreConfiguration.PATH).set(path);
    return this;
  }

  /**
   * Bounds the memory of keys and values, as {@link CarafeBuilder#memory} does.
   *
   * @param bytes at least {@link CarafeBuilder#MIN_MEMORY_BYTES}; 64 MiB by default
   * @return this builder
   */
  public CarafeStoreConfigurationBuilder memory(long bytes) {
    attributes.attribute(CarafeStoreConfiguration.MEMORY).set(bytes);
    return this;
  }

  /**
   * Sets the capacity of the file, which holds every entry of the store.
   *
   * @param bytes at least {@link FileOptions#MIN_CAPACITY_BYTES}
   * @return this builder
   */
  public CarafeStoreConfigurationBuilder fileSize(long bytes) {
    attributes.attribute(CarafeStoreConfiguration.FILE_SIZE).set(bytes);
    return this;
  }

  /**
   * Bounds how long a write may be absent from the file after it was acknowledged. It survives
   * {@code kill -9} from then on.
   *
   * @param bound at least 1 ms; 10 s by default
   * @return this builder
   */
  public CarafeStoreConfigurationBuilder persistWithin(Duration bound) {
    attributes.attribute(CarafeStoreConfiguration.PERSIST_WITHIN).set(bound.toMillis());
    return this;
  }

  /**
   * Makes each write, each batch and each removal survive a power cut before it is acknowledged.
   * Each takes a sync of the device.
   *
   * @param sync false by default
   * @return this builder
   */
  public CarafeStoreConfigurationBuilder syncWrites(boolean sync) {
    attributes.attribute(CarafeStoreConfiguration.SYNC_WRITES).set(sync);
    return this;
  }

  @Override
  public void validate() {
    super.validate();
    requireAtLeast(
        "memory", valueOf(CarafeStoreConfiguration.MEMORY), CarafeBuilder.MIN_MEMORY_BYTES);
    requireAtLeast(
        "file-size", valueOf(CarafeStoreConfiguration.FILE_SIZE), FileOptions.MIN_CAPACITY_BYTES);
    requireAtLeast("persist-within", valueOf(CarafeStoreConfiguration.PERSIST_WITHIN), 1);
  }

  @Override
  public void validate(GlobalConfiguration globalConfig) {
    PersistenceUtil.validateGlobalStateStoreLocation(
        globalConfig,
        CarafeNonBlockingStore.class.getSimpleName(),
        attributes.attribute(CarafeStoreConfiguration.PATH));
    super.validate(globalConfig);
  }

  private long valueOf(AttributeDefinition<Long> definition) {
    return attributes.attribute(definition).get();
  }

  private static void requireAtLeast(String name, long value, long min) {
    if (value < min) {
      throw new CacheConfigurationException(
          "carafe-store: " + name + " is " + value + " but must be at least " + min);
    }
  }

  @Override
  public CarafeStoreConfiguration create() {
    return new CarafeStoreConfiguration(attributes.protect(), async.create());
  }

  @Override
  public CarafeStoreConfigurationBuilder read(CarafeStoreConfiguration template, Combine combine) {
    super.read(template, combine);
    return this;
  }

  @Override
  public AttributeSet attributes() {
    return attributes;
  }

  @Override
  public CarafeStoreConfigurationBuilder self() {
    return this;
  }
}
