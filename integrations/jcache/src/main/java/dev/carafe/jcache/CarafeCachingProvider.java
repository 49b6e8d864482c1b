package dev.carafe.jcache;

import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.WeakHashMap;
import javax.cache.CacheManager;
import javax.cache.configuration.OptionalFeature;
import javax.cache.spi.CachingProvider;
import org.jspecify.annotations.Nullable;

/** The provider, found by {@code javax.cache.Caching}. Thread-safe. */
public final class CarafeCachingProvider implements CachingProvider {
  private final Map<ClassLoader, Map<URI, CarafeCaches>> managers = new WeakHashMap<>();

  /** Called by {@code Caching}. */
  public CarafeCachingProvider() {}

  @Override
  public ClassLoader getDefaultClassLoader() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context != null ? context : Objects.requireNonNull(getClass().getClassLoader());
  }

  /** The properties file on the class path, if there is one. */
  @Override
  public URI getDefaultURI() {
    return URI.create(Settings.DEFAULT_FILE);
  }

  @Override
  public Properties getDefaultProperties() {
    return new Properties();
  }

  @Override
  public CacheManager getCacheManager(
      @Nullable URI uri, @Nullable ClassLoader classLoader, @Nullable Properties properties) {
    URI named = uri == null ? getDefaultURI() : uri;
    ClassLoader loader = classLoader == null ? getDefaultClassLoader() : classLoader;
    synchronized (managers) {
      return managers
          .computeIfAbsent(loader, any -> new HashMap<>())
          .computeIfAbsent(
              named,
              any ->
                  new CarafeCaches(
                      this, named, loader, properties == null ? new Properties() : properties));
    }
  }

  @Override
  public CacheManager getCacheManager(@Nullable URI uri, @Nullable ClassLoader classLoader) {
    return getCacheManager(uri, classLoader, null);
  }

  @Override
  public CacheManager getCacheManager() {
    return getCacheManager(null, null, null);
  }

  @Override
  public void close() {
    List<ClassLoader> loaders;
    synchronized (managers) {
      loaders = List.copyOf(managers.keySet());
    }
    loaders.forEach(this::close);
  }

  @Override
  public void close(ClassLoader classLoader) {
    List<CarafeCaches> open;
    synchronized (managers) {
      open = List.copyOf(managers.getOrDefault(classLoader, Map.of()).values());
    }
    open.forEach(CarafeCaches::close);
  }

  @Override
  public void close(URI uri, ClassLoader classLoader) {
    CarafeCaches open;
    synchronized (managers) {
      open = managers.getOrDefault(classLoader, Map.of()).get(uri);
    }
    if (open != null) {
      open.close();
    }
  }

  void released(CarafeCaches manager) {
    synchronized (managers) {
      managers.values().forEach(byUri -> byUri.values().remove(manager));
      managers.values().removeIf(Map::isEmpty);
    }
  }

  /** Not by reference, since values are off-heap. */
  @Override
  public boolean isSupported(OptionalFeature optionalFeature) {
    return false;
  }
}
