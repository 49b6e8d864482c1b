package dev.carafe.hotrod;

import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import java.util.Objects;
import java.util.function.Function;
import org.infinispan.commons.marshall.Marshaller;
import org.jspecify.annotations.Nullable;

/**
 * Configures a {@link CarafeNearCacheFactory}. {@code near} is required, and is given once. Not
 * thread-safe.
 *
 * @param <K> keys
 * @param <V> values
 */
public final class CarafeNearCacheFactoryBuilder<K, V> {
  private final Translation<K> keys;
  private final Translation<V> values;
  private @Nullable Function<Codec<NearEntry>, Carafe<byte[], NearEntry>> near;

  CarafeNearCacheFactoryBuilder(Codec<K> keys, Codec<V> values) {
    this.keys = new Translation.OfCodec<>(Objects.requireNonNull(keys, "keys"));
    this.values = new Translation.OfCodec<>(Objects.requireNonNull(values, "values"));
  }

  CarafeNearCacheFactoryBuilder(Marshaller marshaller) {
    Objects.requireNonNull(marshaller, "marshaller");
    this.keys = new Translation.OfMarshaller<>(marshaller);
    this.values = new Translation.OfMarshaller<>(marshaller);
  }

  /**
   * Keeps values in a cache of its own.
   *
   * @param builder with memory and a file, or memory alone; without codecs and expiry, which this
   *     class sets. {@code expireAfterWrite} and the like are therefore refused; the server decides
   *     how long values live
   * @return this builder
   */
  public CarafeNearCacheFactoryBuilder<K, V> near(CarafeBuilder<Object, Object> builder) {
    Objects.requireNonNull(builder, "builder");
    return near(codec ->
        builder
            .<byte[]>keyCodec(Codec.bytes())
            .<NearEntry>valueCodec(codec)
            .expireAfter(NearEntry.expiry())
            .build());
  }

  /**
   * Keeps values in a cache of a store.
   *
   * @param store stays open when the factory is closed
   * @param name of the cache in the store
   * @return this builder
   */
  public CarafeNearCacheFactoryBuilder<K, V> near(CarafeStore store, String name) {
    Objects.requireNonNull(store, "store");
    Objects.requireNonNull(name, "name");
    return near(
        codec -> store.cache(name, Codec.bytes(), codec).expireAfter(NearEntry.expiry()).build());
  }

  private CarafeNearCacheFactoryBuilder<K, V> near(
      Function<Codec<NearEntry>, Carafe<byte[], NearEntry>> opening) {
    if (near != null) {
      throw new IllegalStateException("near is set already");
    }
    this.near = opening;
    return this;
  }

  /**
   * Opens the near tier.
   *
   * @return an open factory, which the caller closes after the {@code RemoteCacheManager}
   * @throws IllegalStateException if {@code near} is not set
   * @throws dev.carafe.CarafeException if the file can't be opened
   */
  public CarafeNearCacheFactory<K, V> build() {
    if (near == null) {
      throw new IllegalStateException("set near(…): where values are kept");
    }
    return new CarafeNearCacheFactory<>(
        keys, values, near.apply(NearEntry.EntryCodec.of(keys, values)));
  }
}
