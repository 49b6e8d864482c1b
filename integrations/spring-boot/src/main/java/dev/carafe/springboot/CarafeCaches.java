package dev.carafe.springboot;

import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
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
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.caffeine.CaffeineCache;
import org.springframework.util.ClassUtils;

/**
 * Spring's cache manager over a {@link CarafeStore}. It opens the caches with properties of their
 * own at the start, and others when they are first used. They take null values, and work for
 * methods that return futures. The store closes the caches, after {@link #destroy} has closed the
 * connections of those with a far side. Thread-safe.
 */
public final class CarafeCaches implements CacheManager, InitializingBean, DisposableBean {
  private final CarafeStore store;
  private final CarafeProperties properties;
  private final NamedCodecs codecs;
  private final List<CarafeCacheCustomizer> customizers;
  private final Map<String, Cache> caches = new ConcurrentHashMap<>();
  private final List<Consumer<Cache>> observers = new CopyOnWriteArrayList<>();

  /** The caches with a far side; null if there are none. Guarded by this. */
  private @Nullable FarCaches far;

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
   * @return the cache, a {@link CaffeineCache} whose native cache is a {@link Carafe}; with a far
   *     side, a cache whose native cache is a {@code dev.carafe.redis.CarafeNearCache}
   * @throws IllegalArgumentException if a setting of the cache is wrong
   * @throws dev.carafe.FileFormatException if the file has the cache with other codecs
   */
  @Override
  public Cache getCache(String name) {
    Cache present = caches.get(name);
    if (present != null) {
      return present;
    }
    Cache cache = caches.computeIfAbsent(name, this::open);
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

  /** Empties all caches that are open, and their far sides. */
  @Override
  public void resetCaches() {
    caches.values().forEach(Cache::clear);
  }

  /** Closes the connections of the caches with a far side. */
  @Override
  public synchronized void destroy() {
    if (far != null) {
      far.close();
    }
  }

  /** Whether each cache with a far side is connected to it, by name. */
  synchronized Map<String, Boolean> connected() {
    return far == null ? Map.of() : far.connected();
  }

  /** Calls an observer for each cache, open or opened later; more than once for some. */
  void observe(Consumer<Cache> observer) {
    observers.add(observer);
    caches.values().forEach(observer);
  }

  /** The cache behind Spring's. */
  static Carafe<?, ?> carafe(Cache cache) {
    return cache instanceof CaffeineCache ofStore
        ? (Carafe<?, ?>) ofStore.getNativeCache()
        : FarCaches.carafe(cache);
  }

  private Cache open(String name) {
    CacheSettings settings = properties.settings(name);
    String prefix = "carafe.caches." + name;
    Codec<Object> keys = codecs.ofKeys(prefix + ".key-codec", settings.keyCodec());
    Codec<Object> values = codecs.ofValues(prefix + ".value-codec", settings.valueCodec());
    check(prefix, settings);
    if (settings.far() != null) {
      return far(prefix)
          .open(name, prefix + ".far", settings, keys, values, near -> share(settings, near));
    }
    CarafeBuilder<Object, Object> builder = store.cache(name, keys, values);
    share(settings, builder);
    set(settings.expireAfterWrite(), builder::expireAfterWrite);
    set(settings.expireAfterAccess(), builder::expireAfterAccess);
    customizers.forEach(customizer -> customizer.customize(name, builder));
    return new CaffeineCache(name, builder.buildAsync(), true);
  }

  private synchronized FarCaches far(String prefix) {
    if (!ClassUtils.isPresent("dev.carafe.redis.CarafeNearCache", null)) {
      throw new IllegalArgumentException(
          prefix + ".far is set but dev.carafe:carafe-redis is missing");
    }
    if (far == null) {
      far = new FarCaches(store);
    }
    return far;
  }

  private static void check(String prefix, CacheSettings settings) {
    if (settings.far() != null && settings.expireAfterAccess() != null) {
      throw new IllegalArgumentException(
          prefix
              + " has far and expire-after-access "
              + settings.expireAfterAccess()
              + " but the server knows no reads of other processes: set expire-after-write");
    }
    if (settings.expireAfterWrite() != null && settings.expireAfterAccess() != null) {
      throw new IllegalArgumentException(
          prefix
              + " has expire-after-write "
              + settings.expireAfterWrite()
              + " and expire-after-access "
              + settings.expireAfterAccess()
              + " but must have one of the two");
    }
  }

  private static void share(CacheSettings settings, CarafeBuilder<?, ?> builder) {
    set(settings.reserve(), reserve -> builder.memory(reserve.toBytes()));
    set(settings.limit(), limit -> builder.memoryLimit(limit.toBytes()));
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
