package dev.carafe.springboot;

import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.redis.CarafeNearCache;
import dev.carafe.redis.CarafeNearCacheBuilder;
import dev.carafe.springboot.CarafeProperties.CacheSettings;
import io.lettuce.core.RedisURI;
import io.lettuce.core.resource.ClientResources;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.springframework.cache.Cache;

/**
 * The caches whose values are also at a server. They share the threads of the connections, of which
 * each cache has one. Thread-safe.
 *
 * <p>This class needs {@code carafe-redis}, which is optional.
 */
final class FarCaches implements AutoCloseable {
  private final CarafeStore store;
  private final ClientResources resources = ClientResources.create();
  private final Map<String, CarafeNearCache<?, ?>> open = new ConcurrentHashMap<>();

  FarCaches(CarafeStore store) {
    this.store = store;
  }

  /**
   * Connects a cache.
   *
   * @param name of the cache; its keys have the prefix {@code NAME::} at the server
   * @param property the name of the property of the server
   * @param share sets the share of the cache in the store
   */
  Cache open(
      String name,
      String property,
      CacheSettings settings,
      Codec<Object> keys,
      Codec<Object> values,
      Consumer<CarafeBuilder<?, ?>> share) {
    requireSeparable(name, property);
    CarafeNearCacheBuilder<Object, Object> builder =
        CarafeNearCache.newBuilder(server(property, settings), keys, values)
            .clientResources(resources)
            .keyPrefix(name + "::")
            .near(store, name, share);
    if (settings.expireAfterWrite() != null) {
      builder.timeToLive(settings.expireAfterWrite());
    }
    if (settings.staleIfDisconnected() != null) {
      builder.staleIfDisconnected(settings.staleIfDisconnected());
    }
    CarafeNearCache<Object, Object> near = builder.build();
    open.put(name, near);
    return new FarCache(name, near);
  }

  /** The prefix of the keys of one cache must not begin the keys of another one. */
  private static void requireSeparable(String name, String property) {
    if (name.contains("::") || name.endsWith(":")) {
      throw new IllegalArgumentException(
          property
              + " is set, but the name "
              + name
              + " contains :: or ends with a colon: its keys could be those of another cache at the"
              + " server, where each begins with the name and ::");
    }
  }

  private static RedisURI server(String property, CacheSettings settings) {
    try {
      return RedisURI.create(String.valueOf(settings.far()));
    } catch (RuntimeException e) {
      // without its value, which may have a password
      throw new IllegalArgumentException(
          property
              + " is not the address of a server: set it, for example,"
              + " redis://localhost:6379?timeout=2s",
          e);
    }
  }

  /** The near tier of a cache that this class has opened. */
  static Carafe<?, ?> carafe(Cache cache) {
    return ((CarafeNearCache<?, ?>) cache.getNativeCache()).near();
  }

  /** Whether each cache is connected to its server, by name. */
  Map<String, Boolean> connected() {
    Map<String, Boolean> connected = new TreeMap<>();
    open.forEach((name, near) -> connected.put(name, near.stats().connected()));
    return connected;
  }

  /** Closes the caches and their connections. */
  @Override
  public void close() {
    try {
      open.values().forEach(CarafeNearCache::close);
    } finally {
      var _ = resources.shutdown(0, 1, TimeUnit.SECONDS);
    }
  }
}
