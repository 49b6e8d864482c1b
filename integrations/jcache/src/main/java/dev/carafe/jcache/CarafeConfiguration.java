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

  /** The bytes of values in memory. */
  private long memoryBytes = DEFAULT_MEMORY_BYTES;

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
      copyOwn(own);
    }
  }

  final void copyOwn(CarafeConfiguration<K, V> own) {
    this.memoryBytes = own.memoryBytes;
    this.indexMemoryBytes = own.indexMemoryBytes;
    this.persistWithin = own.persistWithin;
    this.scheduler = own.scheduler;
    this.file = own.file;
    this.keyCodec = own.keyCodec;
    this.valueCodec = own.valueCodec;
    this.serialFilter = own.serialFilter;
  }

  /**
   * The memory for values.
   *
   * @return bytes
   */
  public long getMemoryBytes() {
    return memoryBytes;
  }

  /**
   * Sets the memory for values.
   *
   * @param bytes as {@link dev.carafe.CarafeBuilder#memory}
   * @return this
   */
  public CarafeConfiguration<K, V> setMemoryBytes(long bytes) {
    this.memoryBytes = bytes;
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

  /** Sets memory, file and times of a cache. */
  final <A, B> CarafeBuilder<A, B> applyTo(CarafeBuilder<A, B> builder) {
    CarafeBuilder<A, B> configured = builder.memory(memoryBytes);
    configured = indexMemoryBytes == null ? configured : configured.indexMemory(indexMemoryBytes);
    configured = file == null ? configured : configured.file(file);
    configured = persistWithin == null ? configured : configured.persistWithin(persistWithin);
    return scheduler == null ? configured : configured.scheduler(scheduler);
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
   * deserialized by Java unless that is asked for ({@link #setSerialFilter}).
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
    requireFilter(keyCodec, "keyCodec");
    return keyCodec != null ? keyCodec : SerialCodec.ofKeys(manager::getClassLoader, serialFilter);
  }

  final Codec<V> valueCodecOr(CarafeCaches manager) {
    requireFilter(valueCodec, "valueCodec");
    return valueCodec != null
        ? valueCodec
        : SerialCodec.ofValues(manager::getClassLoader, serialFilter);
  }

  private void requireFilter(@Nullable Codec<?> codec, String what) {
    if (codec == null && file != null && serialFilter == null) {
      throw new IllegalArgumentException(
          "a cache with a file needs a " + what + ", or a serialFilter for Java serialization");
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return super.equals(other)
        && other instanceof CarafeConfiguration<?, ?> own
        && own.memoryBytes == memoryBytes
        && Objects.equals(own.indexMemoryBytes, indexMemoryBytes)
        && Objects.equals(own.persistWithin, persistWithin)
        && Objects.equals(own.file, file);
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + Long.hashCode(memoryBytes);
  }
}
