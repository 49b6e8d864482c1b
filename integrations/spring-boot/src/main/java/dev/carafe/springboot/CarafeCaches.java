package dev.carafe.springboot;

import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.CarafeStore;
import dev.carafe.springboot.CarafeProperties.CacheSettings;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.caffeine.CaffeineCache;

/**
 * Spring's cache manager over a {@link CarafeStore}. It opens the caches with properties of their
 * own at the start, and others when they are first used. They take null values, and work for
 * methods that return futures. The store closes the caches. Thread-safe.
 */
public final class CarafeCaches implements CacheManager, InitializingBean {
  private final CarafeStore store;
  private final CarafeProperties properties;
  private final NamedCodecs codecs;
  private final List<CarafeCacheCustomizer> customizers;
  private final Map<String, CaffeineCache> caches = new ConcurrentHashMap<>();
  private final List<Consumer<CaffeineCache>> observers = new CopyOnWriteArrayList<>();

  CarafeCaches(
      CarafeStore store,
      CarafeProperties properties,
      NamedCodecs codecs,
      List<CarafeCacheCustomizer> customizers) {
    this.store = store;
    this.properties = properties;
    this.codecs = codecs;
    this.customizers = List.copyOf(customizers);
  }

  /** Opens the caches that have properties, so that a wrong one stops the application's start. */
  @Override
  public void afterPropertiesSet() {
    properties.caches().keySet().forEach(this::getCache);
  }

  /**
   * Returns a cache, and opens it first if it is not open.
   *
   * @param name of the cache
   * @return the cache, a {@link CaffeineCache} whose native cache is a {@link Carafe}
   * @throws IllegalArgumentException if a setting of the cache is wrong
   * @throws dev.carafe.FileFormatException if the file has the cache with other codecs
   */
  @Override
  public Cache getCache(String name) {
    CaffeineCache present = caches.get(name);
    if (present != null) {
      return present;
    }
    CaffeineCache cache = caches.computeIfAbsent(name, this::open);
    observers.forEach(observer -> observer.accept(cache));
    return cache;
  }

  /**
   * Returns the names of the caches that are open.
   *
   * @return a copy; without the caches that only the file has so far
   */
  @Override
  public Collection<String> getCacheNames() {
    return Set.copyOf(caches.keySet());
  }

  /** Empties all caches that are open. */
  @Override
  public void resetCaches() {
    caches.values().forEach(CaffeineCache::clear);
  }

  /** Calls an observer for each cache, open or opened later; more than once for some. */
  void observe(Consumer<CaffeineCache> observer) {
    observers.add(observer);
    caches.values().forEach(observer);
  }

  /** The cache behind Spring's. */
  static Carafe<?, ?> carafe(CaffeineCache cache) {
    return (Carafe<?, ?>) cache.getNativeCache();
  }

  private CaffeineCache open(String name) {
    CacheSettings settings = properties.settings(name);
    String prefix = "carafe.caches." + name;
    CarafeBuilder<Object, Object> builder =
        store.cache(
            name,
            codecs.ofKeys(prefix + ".key-codec", settings.keyCodec()),
            codecs.ofValues(prefix + ".value-codec", settings.valueCodec()));
    apply(prefix, settings, builder);
    customizers.forEach(customizer -> customizer.customize(name, builder));
    return new CaffeineCache(name, builder.buildAsync(), true);
  }

  private static void apply(
      String prefix, CacheSettings settings, CarafeBuilder<Object, Object> builder) {
    if (settings.expireAfterWrite() != null && settings.expireAfterAccess() != null) {
      throw new IllegalArgumentException(
          prefix
              + " has expire-after-write "
              + settings.expireAfterWrite()
              + " and expire-after-access "
              + settings.expireAfterAccess()
              + " but must have one of the two");
    }
    set(settings.reserve(), reserve -> builder.memory(reserve.toBytes()));
    set(settings.limit(), limit -> builder.memoryLimit(limit.toBytes()));
    set(settings.expireAfterWrite(), builder::expireAfterWrite);
    set(settings.expireAfterAccess(), builder::expireAfterAccess);
    if (!Objects.equals(settings.recordStats(), false)) {
      builder.recordStats();
    }
    if (Objects.equals(settings.recordMissRatioCurve(), true)) {
      builder.recordMissRatioCurve();
    }
  }

  private static <T> void set(@Nullable T value, Consumer<T> setting) {
    if (value != null) {
      setting.accept(value);
    }
  }
}
