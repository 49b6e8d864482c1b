package dev.carafe.jcache;

import com.github.benmanes.caffeine.cache.Scheduler;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import java.io.ObjectInputFilter;
import java.time.Duration;
import java.util.Objects;
import javax.cache.configuration.CompleteConfiguration;
import javax.cache.configuration.MutableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * JSR-107's configuration, and what a {@link dev.carafe.Carafe} needs beside it: how much memory,
 * the file, and codecs. Not thread-safe; a cache takes a copy.
 *
 * @param <K> keys
 * @param <V> values
 */
public class CarafeConfiguration<K, V> extends MutableConfiguration<K, V> {
  /** The memory of a cache that says nothing else. */
  public static final long DEFAULT_MEMORY_BYTES = 16L << 20;

  private static final long serialVersionUID = 1L;

  /** The bytes of values in memory, or null for the default. */
  private @Nullable Long memoryBytes;

  /** The ceiling of a cache of a store in bytes, or null for none. */
  private @Nullable Long memoryLimitBytes;

  /** The bound of the index in bytes, or null. */
  private @Nullable Long indexMemoryBytes;

  /** The age at which a change is in the file, or null for the default. */
  private @Nullable Duration persistWithin;

  /** The server that has the values of all processes, or null. */
  private @Nullable FarServer far;

  private transient @Nullable Scheduler scheduler;
  private transient @Nullable FileOptions file;
  private transient @Nullable Codec<K> keyCodec;
  private transient @Nullable Codec<V> valueCodec;
  private transient @Nullable ObjectInputFilter serialFilter;

  /** Nothing is set. */
  public CarafeConfiguration() {}

  /**
   * A copy.
   *
   * @param configuration of any provider; what Carafe needs is taken from one of its own
   */
  public CarafeConfiguration(CompleteConfiguration<K, V> configuration) {
    super(configuration);
    if (configuration instanceof CarafeConfiguration<K, V> own) {
      this.memoryBytes = own.memoryBytes;
      this.memoryLimitBytes = own.memoryLimitBytes;
      this.indexMemoryBytes = own.indexMemoryBytes;
      this.persistWithin = own.persistWithin;
      this.far = own.far;
      this.scheduler = own.scheduler;
      this.file = own.file;
      this.keyCodec = own.keyCodec;
      this.valueCodec = own.valueCodec;
      this.serialFilter = own.serialFilter;
    }
  }

  /**
   * The memory for values.
   *
   * @return bytes; {@link #DEFAULT_MEMORY_BYTES} if none were set
   */
  public long getMemoryBytes() {
    return memoryBytes == null ? DEFAULT_MEMORY_BYTES : memoryBytes;
  }

  /**
   * Sets the memory for values. In a manager with a store, this is the reserve of the cache: the
   * part of the store's memory that other caches can't take. Without this setting a cache of a
   * store has no reserve.
   *
   * @param bytes as {@link CarafeBuilder#memory}
   * @return this
   */
  public CarafeConfiguration<K, V> setMemoryBytes(long bytes) {
    this.memoryBytes = bytes;
    return this;
  }

  /**
   * The ceiling of the memory of a cache of a store.
   *
   * @return bytes; null for none
   */
  public @Nullable Long getMemoryLimitBytes() {
    return memoryLimitBytes;
  }

  /**
   * Sets the part of the memory of the manager's store that the cache may take. A manager without a
   * store refuses this setting.
   *
   * @param bytes as {@link CarafeBuilder#memoryLimit}; null for no ceiling
   * @return this
   */
  public CarafeConfiguration<K, V> setMemoryLimitBytes(@Nullable Long bytes) {
    this.memoryLimitBytes = bytes;
    return this;
  }

  /**
   * The limit of the index's memory.
   *
   * @return bytes; null for no limit of its own
   */
  public @Nullable Long getIndexMemoryBytes() {
    return indexMemoryBytes;
  }

  /**
   * Limits the memory of the index.
   *
   * @param bytes as {@link CarafeBuilder#indexMemory}; null for no limit of its own
   * @return this
   */
  public CarafeConfiguration<K, V> setIndexMemoryBytes(@Nullable Long bytes) {
    this.indexMemoryBytes = bytes;
    return this;
  }

  /**
   * The bound of the time that a change is in memory only.
   *
   * @return null for the builder's default
   */
  public @Nullable Duration getPersistWithin() {
    return persistWithin;
  }

  /**
   * Bounds how long a change is in memory only.
   *
   * @param bound as {@link CarafeBuilder#persistWithin(Duration)}; null for its default
   * @return this
   */
  public CarafeConfiguration<K, V> setPersistWithin(@Nullable Duration bound) {
    this.persistWithin = bound;
    return this;
  }

  /**
   * Returns the scheduler that removes expired entries promptly.
   *
   * @return null if there is none
   */
  public @Nullable Scheduler getScheduler() {
    return scheduler;
  }

  /**
   * Sets a scheduler that removes expired entries, and notifies listeners of them, promptly.
   *
   * @param scheduler as {@link CarafeBuilder#scheduler}; null for none
   * @return this
   */
  public CarafeConfiguration<K, V> setScheduler(@Nullable Scheduler scheduler) {
    this.scheduler = scheduler;
    return this;
  }

  /**
   * The file.
   *
   * @return null if values are in memory only
   */
  public @Nullable FileOptions getFile() {
    return file;
  }

  /**
   * Sets the file; with one, the codecs must be set, too: what comes from a file is not
   * deserialized by Java unless that is asked for ({@link #setSerialFilter}). A manager with a
   * store refuses a file of a cache.
   *
   * @param options of the file, null for none
   * @return this
   */
  public CarafeConfiguration<K, V> setFile(@Nullable FileOptions options) {
    this.file = options;
    return this;
  }

  /**
   * Sets how keys become bytes. Equal keys need equal bytes.
   *
   * @param codec null for Java serialization
   * @return this
   */
  public CarafeConfiguration<K, V> setKeyCodec(@Nullable Codec<K> codec) {
    this.keyCodec = codec;
    return this;
  }

  /**
   * Sets how values become bytes.
   *
   * @param codec null for Java serialization
   * @return this
   */
  public CarafeConfiguration<K, V> setValueCodec(@Nullable Codec<V> codec) {
    this.valueCodec = codec;
    return this;
  }

  /**
   * Allows Java serialization of what the file holds, as far as this filter does.
   *
   * @param filter says which classes may be deserialized
   * @return this
   */
  public CarafeConfiguration<K, V> setSerialFilter(@Nullable ObjectInputFilter filter) {
    this.serialFilter = filter;
    return this;
  }

  final @Nullable Codec<K> keyCodec() {
    return keyCodec;
  }

  final @Nullable Codec<V> valueCodec() {
    return valueCodec;
  }

  final @Nullable ObjectInputFilter serialFilter() {
    return serialFilter;
  }

  /** Whether the cache has a reserve of memory, or in a manager without a store: memory. */
  final boolean hasMemoryBytes() {
    return memoryBytes != null;
  }

  /**
   * The server that has the values of all processes.
   *
   * @return null if there is none
   */
  public @Nullable FarServer getFar() {
    return far;
  }

  /**
   * Puts the cache in front of a server of Redis or Valkey. It needs the dependency {@code
   * dev.carafe:carafe-redis}. Such a cache has no writer and no listeners, its expiry does not
   * depend on accesses, and it needs codecs or a filter.
   *
   * @param server null for none
   * @return this
   */
  public CarafeConfiguration<K, V> setFar(@Nullable FarServer server) {
    this.far = server;
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return super.equals(other)
        && other instanceof CarafeConfiguration<?, ?> own
        && Objects.equals(own.memoryBytes, memoryBytes)
        && Objects.equals(own.memoryLimitBytes, memoryLimitBytes)
        && Objects.equals(own.indexMemoryBytes, indexMemoryBytes)
        && Objects.equals(own.persistWithin, persistWithin)
        && Objects.equals(own.far, far)
        && Objects.equals(own.file, file);
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + Objects.hashCode(memoryBytes);
  }
}
