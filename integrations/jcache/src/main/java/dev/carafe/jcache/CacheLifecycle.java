package dev.carafe.jcache;

import static java.util.Objects.requireNonNull;

import dev.carafe.Carafe;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.configuration.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * The name, configuration, listeners and life cycle of a JSR-107 cache. {@link CarafeJCache} and
 * {@link FarJCache} add the operations on entries.
 */
abstract class CacheLifecycle<K, V> implements Cache<K, V> {
  private final String name;
  private final CarafeCaches manager;
  private volatile boolean closed;

  CacheLifecycle(String name, CarafeCaches manager) {
    this.name = name;
    this.manager = manager;
  }

  /** The components of this cache. */
  abstract CacheCore<K, V> parts();

  final void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the cache " + name + " is closed");
    }
  }

  /** Checks an argument, and first that the cache is open, as the TCK requires. */
  final void required(@Nullable Object argument, String what) {
    requireOpen();
    requireNonNull(argument, what);
  }

  @Override
  public final String getName() {
    return name;
  }

  @Override
  public final CacheManager getCacheManager() {
    return manager;
  }

  @Override
  public final <C extends Configuration<K, V>> C getConfiguration(Class<C> type) {
    return parts().configurationAs(type);
  }

  @Override
  public final void registerCacheEntryListener(
      CacheEntryListenerConfiguration<K, V> configuration) {
    requireOpen();
    parts().register(configuration);
  }

  @Override
  public final void deregisterCacheEntryListener(
      CacheEntryListenerConfiguration<K, V> configuration) {
    requireOpen();
    parts().deregister(configuration);
  }

  /**
   * Returns this cache, or the {@link Carafe} under it, whose values are of this package. A cache
   * with a far side also returns its {@code CarafeNearCache}.
   */
  @Override
  public final <T> T unwrap(Class<T> type) {
    Object[] under = parts().under();
    Object[] candidates = new Object[under.length + 1];
    candidates[0] = this;
    System.arraycopy(under, 0, candidates, 1, under.length);
    return Unwrapping.unwrap(type, candidates);
  }

  @Override
  public final boolean isClosed() {
    return closed;
  }

  @Override
  public final void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      parts().disableBeans();
      closed = true;
    }
    manager.released(name, this);
    parts().close();
  }
}
