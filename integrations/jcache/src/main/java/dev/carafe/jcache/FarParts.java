package dev.carafe.jcache;

import static java.util.Objects.requireNonNull;

import dev.carafe.Codec;
import dev.carafe.redis.CarafeNearCache;
import dev.carafe.redis.Lifetimes;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.cache.Cache;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.expiry.ExpiryPolicy;
import org.jspecify.annotations.Nullable;

/**
 * The components of a cache with a far side.
 *
 * <p>This class needs {@code carafe-redis}, which is optional.
 */
final class FarParts<K, V> extends CacheCore<K, V> {
  private final String name;
  private final Copies<K> copies;
  private final CarafeNearCache<K, V> near;
  private final KeyLocks locks = new KeyLocks();

  FarParts(
      Cache<K, V> cache,
      CarafeCaches manager,
      CarafeConfiguration<K, V> configuration,
      FarSide side) {
    super(cache, configuration);
    this.name = cache.getName();
    boolean opened = false;
    try {
      requireSupported(configuration);
      Codec<K> keys = CacheCodecs.keys(configuration, manager);
      this.copies = new Copies<>(keys);
      ExpiryTimes times = new ExpiryTimes(expiry());
      this.near =
          side.servers()
              .open(
                  name,
                  requireNonNull(configuration.getFar()),
                  keys,
                  CacheCodecs.values(configuration, manager),
                  configuration,
                  manager.store(),
                  () -> new Lifetimes(millis(times.ofCreation()), millis(times.ofUpdate())));
      opened = true;
    } finally {
      if (!opened) {
        closeApplications();
      }
    }
  }

  /** The prefix of the keys of one cache must not begin the keys of another one. */
  private static void requireSeparable(String name) {
    if (name.contains("::") || name.endsWith(":")) {
      throw new IllegalArgumentException(
          "the name "
              + name
              + " contains :: or ends with a colon, but the cache has a far side: its keys could be"
              + " those of another cache at the server, where each begins with the name and ::");
    }
  }

  private void requireSupported(CarafeConfiguration<K, V> configuration) {
    requireSeparable(name);
    if (configuration.isWriteThrough() || configuration.getCacheWriterFactory() != null) {
      throw new UnsupportedOperationException(
          "writeThrough and writer are set, but the cache "
              + name
              + " has a far side: several processes would write to the source and to the server in"
              + " different orders; write to the source, and then remove the key from the cache");
    }
    if (configuration.getCacheEntryListenerConfigurations().iterator().hasNext()) {
      throw noListeners();
    }
    ExpiryPolicy policy = expiry();
    if (policy.getExpiryForAccess() != null) {
      throw new UnsupportedOperationException(
          "expiry is "
              + policy.getClass().getSimpleName()
              + ", which depends on accesses, but the cache "
              + name
              + " has a far side, which does not see the accesses of near values: use created,"
              + " modified or eternal");
    }
  }

  /** Rounds up, so that a short time is not the one that keeps nothing. */
  private static long millis(long nanos) {
    if (nanos == Held.UNCHANGED) {
      return Lifetimes.UNCHANGED;
    }
    if (nanos == Long.MAX_VALUE) {
      return Lifetimes.FOREVER;
    }
    long whole = TimeUnit.NANOSECONDS.toMillis(nanos);
    return TimeUnit.MILLISECONDS.toNanos(whole) == nanos ? whole : whole + 1;
  }

  CarafeNearCache<K, V> near() {
    return near;
  }

  /** Runs a step alone among those of this process and the key. */
  <R extends @Nullable Object> R locked(K key, Supplier<R> step) {
    return locks.locked(copies.bytes(key), step);
  }

  private UnsupportedOperationException noListeners() {
    return new UnsupportedOperationException(
        "the cache "
            + name
            + " has a far side, and no listeners: the server announces which keys other processes"
            + " change, but not their values");
  }

  @Override
  void register(CacheEntryListenerConfiguration<K, V> added) {
    throw noListeners();
  }

  @Override
  void deregister(CacheEntryListenerConfiguration<K, V> removed) {
    // there are none
  }

  @Override
  Object[] under() {
    return new Object[] {near, near.near()};
  }

  @Override
  void close() {
    try {
      near.close();
    } finally {
      closeApplications();
    }
  }
}
