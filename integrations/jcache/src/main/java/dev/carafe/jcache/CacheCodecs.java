package dev.carafe.jcache;

import dev.carafe.Codec;
import org.jspecify.annotations.Nullable;

/** The codecs of a cache: those of its configuration, or Java serialization. */
final class CacheCodecs {
  private CacheCodecs() {}

  static <K> Codec<K> keys(CarafeConfiguration<K, ?> configuration, CarafeCaches manager) {
    Codec<K> codec = configuration.keyCodec();
    requireFilter(codec, "keyCodec", configuration, manager);
    return codec != null
        ? codec
        : SerialCodec.ofKeys(manager::getClassLoader, configuration.serialFilter());
  }

  static <V> Codec<V> values(CarafeConfiguration<?, V> configuration, CarafeCaches manager) {
    Codec<V> codec = configuration.valueCodec();
    requireFilter(codec, "valueCodec", configuration, manager);
    return codec != null
        ? codec
        : SerialCodec.ofValues(manager::getClassLoader, configuration.serialFilter());
  }

  /** What comes from a file or a server is not deserialized by Java unless that is asked for. */
  private static void requireFilter(
      @Nullable Codec<?> codec,
      String what,
      CarafeConfiguration<?, ?> configuration,
      CarafeCaches manager) {
    ManagerStore store = manager.store();
    boolean hasFile = store == null ? configuration.getFile() != null : store.hasFile();
    boolean hasFar = configuration.getFar() != null;
    if (codec == null && (hasFile || hasFar) && configuration.serialFilter() == null) {
      throw new IllegalArgumentException(
          "a cache with a "
              + (hasFar ? "far side" : "file")
              + " needs a "
              + what
              + ", or a serialFilter for Java serialization: by CarafeConfiguration, or by the"
              + " property carafe.default.serialFilter for all caches of other configurations");
    }
  }
}
