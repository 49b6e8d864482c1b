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

  /** Sets memory, file and times of a cache that has its own. */
  final <A, B> CarafeBuilder<A, B> applyTo(CarafeBuilder<A, B> builder) {
    if (memoryLimitBytes != null) {
      throw new IllegalArgumentException(
          "memoryLimitBytes is "
              + memoryLimitBytes
              + " but the manager has no store: set carafe.store.memory, or use memoryBytes");
    }
    CarafeBuilder<A, B> configured = builder.memory(getMemoryBytes());
    configured = indexMemoryBytes == null ? configured : configured.indexMemory(indexMemoryBytes);
    configured = file == null ? configured : configured.file(file);
    configured = persistWithin == null ? configured : configured.persistWithin(persistWithin);
    return scheduler == null ? configured : configured.scheduler(scheduler);
  }

  /** Sets the shares and times of a cache of a store. */
  final <A, B> CarafeBuilder<A, B> applyToCacheOfStore(CarafeBuilder<A, B> builder) {
    requireOfStore("file", file, "carafe.store.file");
    requireOfStore("indexMemoryBytes", indexMemoryBytes, "carafe.store.indexMemory");
    requireOfStore("persistWithin", persistWithin, "carafe.store.persistWithin");
    CarafeBuilder<A, B> configured = memoryBytes == null ? builder : builder.memory(memoryBytes);
    configured = memoryLimitBytes == null ? configured : configured.memoryLimit(memoryLimitBytes);
    return scheduler == null ? configured : configured.scheduler(scheduler);
  }

  private static void requireOfStore(String setting, @Nullable Object value, String instead) {
    if (value != null) {
      throw new IllegalArgumentException(
          setting
              + " is "
              + value
              + " but the caches of this manager share its store: set "
              + instead
              + " for all, or use a manager without a store");
    }
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

  final Codec<K> keyCodecOr(CarafeCaches manager) {
    requireFilter(keyCodec, "keyCodec", manager);
    return keyCodec != null ? keyCodec : SerialCodec.ofKeys(manager::getClassLoader, serialFilter);
  }

  final Codec<V> valueCodecOr(CarafeCaches manager) {
    requireFilter(valueCodec, "valueCodec", manager);
    return valueCodec != null
        ? valueCodec
        : SerialCodec.ofValues(manager::getClassLoader, serialFilter);
  }

  private void requireFilter(@Nullable Codec<?> codec, String what, CarafeCaches manager) {
    ManagerStore store = manager.store();
    boolean outlives = store == null ? file != null : store.hasFile();
    if (codec == null && outlives && serialFilter == null) {
      throw new IllegalArgumentException(
          "a cache with a file needs a "
              + what
              + ", or a serialFilter for Java serialization: by CarafeConfiguration, or by the"
              + " property carafe.default.serialFilter for all caches of other configurations");
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return super.equals(other)
        && other instanceof CarafeConfiguration<?, ?> own
        && Objects.equals(own.memoryBytes, memoryBytes)
        && Objects.equals(own.memoryLimitBytes, memoryLimitBytes)
        && Objects.equals(own.indexMemoryBytes, indexMemoryBytes)
        && Objects.equals(own.persistWithin, persistWithin)
        && Objects.equals(own.file, file);
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + Objects.hashCode(memoryBytes);
  }
}
