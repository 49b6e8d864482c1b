package dev.carafe.infinispan;

import org.infinispan.commons.configuration.BuiltBy;
import org.infinispan.commons.configuration.ConfigurationFor;
import org.infinispan.commons.configuration.attributes.AttributeDefinition;
import org.infinispan.commons.configuration.attributes.AttributeSet;
import org.infinispan.configuration.cache.AbstractStoreConfiguration;
import org.infinispan.configuration.cache.AsyncStoreConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a {@link CarafeNonBlockingStore}. Immutable. {@link
 * CarafeStoreConfigurationBuilder} builds it.
 */
@BuiltBy(CarafeStoreConfigurationBuilder.class)
@ConfigurationFor(CarafeNonBlockingStore.class)
public class CarafeStoreConfiguration extends AbstractStoreConfiguration<CarafeStoreConfiguration> {
  static final AttributeDefinition<@Nullable String> PATH =
      AttributeDefinition.<@Nullable String>builder("path", null, String.class).immutable().build();
  static final AttributeDefinition<Long> MEMORY =
      AttributeDefinition.builder("memory", 64L << 20).immutable().build();
  static final AttributeDefinition<Long> FILE_SIZE =
      AttributeDefinition.builder("file-size", 0L).immutable().build();
  static final AttributeDefinition<Long> PERSIST_WITHIN =
      AttributeDefinition.builder("persist-within", 10_000L).immutable().build();
  static final AttributeDefinition<Boolean> SYNC_WRITES =
      AttributeDefinition.builder("sync-writes", false).immutable().build();

  CarafeStoreConfiguration(AttributeSet attributes, AsyncStoreConfiguration async) {
    super(StoreElement.CARAFE_STORE, attributes, async);
  }

  /**
   * The attributes of this store and those of all stores.
   *
   * @return a new set with the defaults
   */
  public static AttributeSet attributeDefinitionSet() {
    return new AttributeSet(
        CarafeStoreConfiguration.class,
        AbstractStoreConfiguration.attributeDefinitionSet(),
        PATH,
        MEMORY,
        FILE_SIZE,
        PERSIST_WITHIN,
        SYNC_WRITES);
  }

  /**
   * The directory of the files of all caches with this configuration.
   *
   * @return a path, relative to the persistent location of the cache manager if that has one; null
   *     for the persistent location itself
   */
  public @Nullable String path() {
    return attributes.attribute(PATH).get();
  }

  /**
   * The memory that holds keys and values.
   *
   * @return bytes
   */
  public long memory() {
    return attributes.attribute(MEMORY).get();
  }

  /**
   * The capacity of the file.
   *
   * @return bytes
   */
  public long fileSize() {
    return attributes.attribute(FILE_SIZE).get();
  }

  /**
   * How long a write may be absent from the file after it was acknowledged.
   *
   * @return milliseconds
   */
  public long persistWithin() {
    return attributes.attribute(PERSIST_WITHIN).get();
  }

  /**
   * Whether a write is acknowledged only when it survives a power cut.
   *
   * @return false by default
   */
  public boolean syncWrites() {
    return attributes.attribute(SYNC_WRITES).get();
  }
}
