package dev.carafe.jcache;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.redis.CarafeNearCache;
import dev.carafe.redis.CarafeNearCacheBuilder;
import dev.carafe.redis.Lifetimes;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.cache.CacheException;
import org.jspecify.annotations.Nullable;

/**
 * Connects the caches of a manager that have a far side. They share the threads of the connections,
 * of which each cache has one. Thread-safe.
 *
 * <p>This class needs {@code carafe-redis}, which is optional.
 */
final class FarServers implements AutoCloseable {
  private final ClientResources resources = ClientResources.create();

  /**
   * Opens a cache.
   *
   * @param name of the cache; its keys have the prefix {@code NAME::} at the server
   * @throws CacheException if the server can't be reached
   */
  <K, V> CarafeNearCache<K, V> open(
      String name,
      FarServer server,
      Codec<K> keys,
      Codec<V> values,
      CarafeConfiguration<K, V> configuration,
      @Nullable ManagerStore store,
      Supplier<Lifetimes> lifetimes) {
    CarafeNearCacheBuilder<K, V> builder =
        CarafeNearCache.newBuilder(uri(name, server), keys, values)
            .clientResources(resources)
            .keyPrefix(name + "::")
            .lifetimes(lifetimes);
    Duration stale = server.staleIfDisconnected();
    if (stale != null) {
      builder.staleIfDisconnected(stale);
    }
    if (store == null) {
      builder.near(BuilderSettings.ofOwn(configuration, Carafe.newBuilder()));
    } else {
      builder.near(
          store.store(),
          name,
          cache -> {
            var _ = BuilderSettings.ofStore(configuration, cache);
          });
    }
    try {
      return builder.build();
    } catch (RedisException e) {
      throw new CacheException("the far side of the cache " + name + ": " + e.getMessage(), e);
    }
  }

  private static RedisURI uri(String name, FarServer server) {
    try {
      return RedisURI.create(server.address());
    } catch (RuntimeException e) {
      // without its value, which may have a password
      throw new IllegalArgumentException(
          "far of the cache "
              + name
              + " is not the address of a server: set it, for example,"
              + " redis://localhost:6379?timeout=2s",
          e);
    }
  }

  /** Ends the threads of the connections. */
  @Override
  public void close() {
    var _ = resources.shutdown(0, 1, TimeUnit.SECONDS);
  }
}
