package dev.carafe.jcache;

import static java.util.Objects.requireNonNull;

import dev.carafe.CarafeException;
import dev.carafe.FileFormatException;
import dev.carafe.FileOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.CompleteConfiguration;
import javax.cache.configuration.Configuration;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.spi.CachingProvider;
import org.jspecify.annotations.Nullable;

/**
 * The caches of one URI and class loader. A cache that is configured in the properties file is
 * opened on its first use. With settings {@code carafe.store.…}, all caches share one store, which
 * {@link #unwrap} returns. Thread-safe.
 */
public final class CarafeCaches implements CacheManager {
  private final CarafeCachingProvider provider;
  private final URI uri;
  private final WeakReference<ClassLoader> classLoader;
  private final Properties properties;
  private final Settings settings;
  private final @Nullable ManagerStore store;
  private final Map<String, CacheLifecycle<?, ?>> caches = new HashMap<>(); // guarded by this
  private final FarSide farSide = new FarSide();
  private volatile boolean closed;

  CarafeCaches(
      CarafeCachingProvider provider, URI uri, ClassLoader classLoader, Properties properties) {
    this.provider = provider;
    this.uri = uri;
    this.classLoader = new WeakReference<>(classLoader);
    this.properties = properties;
    this.settings = Settings.of(uri, classLoader, properties);
    this.store = ManagerStore.open(settings, uri);
  }

  @Override
  public CachingProvider getCachingProvider() {
    return provider;
  }

  @Override
  public URI getURI() {
    return uri;
  }

  @Override
  @SuppressWarnings("NullAway") // as a weak reference says
  public ClassLoader getClassLoader() {
    return classLoader.get();
  }

  @Override
  public Properties getProperties() {
    return properties;
  }

  /** The store of all caches, null if each has its own memory and file. */
  @Nullable ManagerStore store() {
    return store;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the cache manager " + uri + " is closed");
    }
  }

  @Override
  public synchronized <K, V, C extends Configuration<K, V>> Cache<K, V> createCache(
      String cacheName, C configuration) {
    requireOpen();
    requireNonNull(cacheName, "cacheName");
    requireNonNull(configuration, "configuration");
    if (caches.containsKey(cacheName)) {
      throw new CacheException("the cache " + cacheName + " exists already");
    }
    return open(cacheName, complete(cacheName, configuration));
  }

  private <K, V> CarafeConfiguration<K, V> complete(
      String cacheName, Configuration<K, V> configuration) {
    if (configuration instanceof CarafeConfiguration<K, V> own) {
      return new CarafeConfiguration<>(own);
    }
    CarafeConfiguration<K, V> completed;
    if (configuration instanceof CompleteConfiguration<K, V> known) {
      completed = new CarafeConfiguration<>(known);
    } else {
      MutableConfiguration<K, V> basic = new MutableConfiguration<>();
      basic.setTypes(configuration.getKeyType(), configuration.getValueType());
      basic.setStoreByValue(configuration.isStoreByValue());
      completed = new CarafeConfiguration<>(basic);
    }
    settings.applyOwn(cacheName, completed);
    return completed;
  }

  private <K, V> Cache<K, V> open(String cacheName, CarafeConfiguration<K, V> configuration) {
    CacheLifecycle<K, V> cache;
    try {
      if (configuration.getFar() == null) {
        cache = new CarafeJCache<>(cacheName, this, configuration);
      } else {
        FarSide.requirePresent(cacheName);
        cache = new FarJCache<>(cacheName, this, configuration, farSide);
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(cantOpen(cacheName, e), e);
    } catch (FileFormatException e) {
      String remedy = store == null ? "" : "; destroyCache calls drop";
      throw new CacheException(cantOpen(cacheName, e) + remedy, e);
    } catch (CarafeException | IllegalStateException | UncheckedIOException e) {
      throw new CacheException(cantOpen(cacheName, e), e);
    }
    caches.put(cacheName, cache);
    if (configuration.isManagementEnabled()) {
      cache.parts().enableManagement(true);
    }
    if (configuration.isStatisticsEnabled()) {
      cache.parts().enableStatistics(true);
    }
    return cache;
  }

  private static String cantOpen(String cacheName, RuntimeException why) {
    return "the cache " + cacheName + " can't be opened: " + why.getMessage();
  }

  @Override
  @SuppressWarnings("NullAway") // null if there is none
  public <K, V> Cache<K, V> getCache(String cacheName, Class<K> keyType, Class<V> valueType) {
    requireOpen();
    requireNonNull(keyType, "keyType");
    requireNonNull(valueType, "valueType");
    Cache<K, V> cache = get(cacheName, keyType, valueType);
    if (cache instanceof CacheLifecycle<?, ?> own) {
      CompleteConfiguration<?, ?> known = own.parts().configuration();
      check(cacheName, known.getKeyType(), keyType);
      check(cacheName, known.getValueType(), valueType);
    }
    return cache;
  }

  private static void check(String cacheName, Class<?> known, Class<?> asked) {
    if (!known.equals(asked)) {
      throw new ClassCastException(
          "the cache " + cacheName + " was configured with " + known + ", not with " + asked);
    }
  }

  @Override
  @SuppressWarnings("NullAway") // null if there is none
  public <K, V> Cache<K, V> getCache(String cacheName) {
    return get(cacheName, null, null);
  }

  /** Opens a cache of the settings, or creates a missing one of the given types. */
  @SuppressWarnings("unchecked")
  private synchronized <K, V> @Nullable Cache<K, V> get(
      String cacheName, @Nullable Class<K> keyType, @Nullable Class<V> valueType) {
    requireOpen();
    requireNonNull(cacheName, "cacheName");
    Cache<?, ?> cache = caches.get(cacheName);
    if (cache == null && settings.names().contains(cacheName)) {
      cache = open(cacheName, settings.configuration(cacheName));
    } else if (cache == null && store != null && store.createsMissing()) {
      CarafeConfiguration<Object, Object> missing = settings.configuration(cacheName);
      if (keyType != null && valueType != null) {
        missing.setTypes((Class<Object>) keyType, (Class<Object>) valueType);
      }
      cache = open(cacheName, missing);
    }
    return (Cache<K, V>) cache;
  }

  @Override
  public synchronized Iterable<String> getCacheNames() {
    requireOpen();
    Set<String> names =
        new TreeSet<>(settings.names()); // caches of the settings are opened on first use
    names.addAll(caches.keySet());
    return Set.copyOf(names);
  }

  /**
   * Closes a cache and deletes its file, or drops it from the store; also if the cache was not
   * opened yet. The server of a cache with a far side keeps the values, which other processes use.
   */
  @Override
  public void destroyCache(String cacheName) {
    requireOpen();
    if (store != null) {
      drop(store, cacheName);
    } else if (getCache(cacheName) instanceof CacheLifecycle<?, ?> cache) {
      FileOptions file = cache.parts().configuration().getFile();
      cache.close();
      if (file != null) {
        try {
          Files.deleteIfExists(file.path());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void drop(ManagerStore from, String cacheName) {
    boolean dropped = false;
    while (!dropped) {
      CacheLifecycle<?, ?> cache = find(cacheName);
      if (cache != null) {
        cache.close(); // without this manager's lock, since it waits for the application's code
      }
      synchronized (this) {
        requireOpen();
        if (!caches.containsKey(cacheName)) { // else another thread created it since
          from.drop(cacheName);
          dropped = true;
        }
      }
    }
  }

  synchronized void released(String cacheName, Cache<?, ?> cache) {
    caches.remove(cacheName, cache);
  }

  private synchronized @Nullable CacheLifecycle<?, ?> find(String cacheName) {
    requireOpen();
    return caches.get(requireNonNull(cacheName, "cacheName"));
  }

  @Override
  public void enableManagement(String cacheName, boolean enabled) {
    CacheLifecycle<?, ?> cache = find(cacheName);
    if (cache != null) {
      cache.parts().enableManagement(enabled);
    }
  }

  @Override
  public void enableStatistics(String cacheName, boolean enabled) {
    CacheLifecycle<?, ?> cache = find(cacheName);
    if (cache != null) {
      cache.parts().enableStatistics(enabled);
    }
  }

  @Override
  public void close() {
    List<CacheLifecycle<?, ?>> open;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      open = List.copyOf(caches.values());
    }
    provider.released(this);
    List<Runnable> steps = new ArrayList<>();
    open.forEach(cache -> steps.add(cache::close));
    steps.add(farSide::close);
    if (store != null) {
      steps.add(store.store()::close);
    }
    Closing.runAll(steps);
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  /**
   * Returns this manager, or the {@link dev.carafe.CarafeStore} of its caches, for flushes,
   * resizing and counters. {@link #destroyCache} drops a cache, and {@link #close} closes the
   * store.
   */
  @Override
  public <T> T unwrap(Class<T> type) {
    return store == null
        ? Unwrapping.unwrap(type, this)
        : Unwrapping.unwrap(type, this, store.store());
  }
}
