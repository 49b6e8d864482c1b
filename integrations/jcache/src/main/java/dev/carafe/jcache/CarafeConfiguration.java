package dev.carafe.jcache;

import dev.carafe.Codec;
import dev.carafe.FileOptions;
import java.io.ObjectInputFilter;
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

  private long memoryBytes = DEFAULT_MEMORY_BYTES;
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
        && Objects.equals(own.file, file);
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + Long.hashCode(memoryBytes);
  }
}
