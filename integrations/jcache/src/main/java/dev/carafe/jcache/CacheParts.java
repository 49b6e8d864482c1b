package dev.carafe.jcache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import javax.cache.Cache;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.configuration.Configuration;
import javax.cache.configuration.Factory;
import javax.cache.event.EventType;
import javax.cache.expiry.ExpiryPolicy;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheLoaderException;
import javax.cache.integration.CacheWriter;
import javax.cache.integration.CacheWriterException;
import javax.cache.integration.CompletionListener;
import org.jspecify.annotations.Nullable;

/** The components of a cache, and the operations that are not on a single key. */
final class CacheParts<K, V> {
  private final Cache<K, V> cache;
  private final CarafeConfiguration<K, V> configuration;
  private final EntryOperations<K, V> operations;
  private final Statistics statistics = new Statistics();
  private final Listeners<K, V> listeners = new Listeners<>(ForkJoinPool.commonPool());
  private final ExpiryPolicy expiry;
  private final @Nullable CacheLoader<K, V> loader;
  private final @Nullable CacheWriter<? super K, ? super V> writer;
  private final @Nullable Loading<K, V> loading;
  private final Processing<K, V> processing;

  CacheParts(Cache<K, V> cache, CarafeCaches manager, CarafeConfiguration<K, V> configuration) {
    this.cache = cache;
    this.configuration = configuration;
    this.expiry = configuration.getExpiryPolicyFactory().create();
    Factory<CacheLoader<K, V>> loaders = configuration.getCacheLoaderFactory();
    this.loader = loaders == null ? null : loaders.create();
    Factory<CacheWriter<? super K, ? super V>> writers = configuration.getCacheWriterFactory();
    this.writer = writers == null ? null : writers.create();
    configuration.getCacheEntryListenerConfigurations().forEach(listeners::register);
    this.operations = openOperations(manager);
    this.loading = loader == null ? null : new Loading<>(operations, loader);
    this.processing =
        new Processing<>(operations, statistics, configuration.isReadThrough() ? loader : null);
  }

  /** Opens the cache. If that fails, it closes the objects that the configuration created. */
  private EntryOperations<K, V> openOperations(CarafeCaches manager) {
    boolean opened = false;
    try {
      Codec<K> keys = configuration.keyCodecOr(manager);
      EntryOperations<K, V> created =
          new EntryOperations<>(
              cache,
              open(manager.store(), keys, Held.coded(configuration.valueCodecOr(manager))),
              new ExpiryTimes(expiry),
              listeners,
              new Copies<>(keys),
              configuration.isWriteThrough() ? writer : null);
      opened = true;
      return created;
    } finally {
      if (!opened) {
        closeApplications();
      }
    }
  }

  private void closeApplications() {
    Closing.close(loader);
    Closing.close(writer);
    Closing.close(expiry);
    listeners.close();
  }

  private Carafe<K, Held<V>> open(
      @Nullable ManagerStore store, Codec<K> keys, Codec<Held<V>> values) {
    CarafeBuilder<K, Held<V>> builder =
        store == null
            ? configuration.applyTo(Carafe.newBuilder().keyCodec(keys).<Held<V>>valueCodec(values))
            : configuration.applyToCacheOfStore(store.cache(cache.getName(), keys, values));
    return builder
        .expireAfter(new Held.ByHeld<K, V>())
        .<K, Held<V>>evictionListener(this::evicted)
        .build();
  }

  private void evicted(@Nullable K key, @Nullable Held<V> held, RemovalCause cause) {
    if (cause != RemovalCause.EXPIRED) {
      statistics.evicted();
    } else if (key != null && held != null) {
      listeners.publish(cache, EventType.EXPIRED, key, held.value(), held.value());
    }
  }

  CarafeConfiguration<K, V> configuration() {
    return configuration;
  }

  EntryOperations<K, V> operations() {
    return operations;
  }

  Statistics statistics() {
    return statistics;
  }

  Processing<K, V> processing() {
    return processing;
  }

  /** The loader of misses; null unless the cache is read-through. */
  @Nullable Loading<K, V> readThrough() {
    return configuration.isReadThrough() ? loading : null;
  }

  void loadAll(Set<? extends K> keys, boolean replaceExisting, @Nullable CompletionListener told) {
    Loading<K, V> from = loading;
    if (from == null) {
      if (told != null) {
        told.onCompletion();
      }
      return;
    }
    Runnable task =
        () -> {
          Exception failed = null;
          try {
            from.loadAll(keys, replaceExisting);
            listeners.await();
          } catch (CacheLoaderException e) {
            failed = e;
          } catch (Throwable t) { // otherwise the listener would wait forever
            failed = new CacheLoaderException(t);
          }
          if (told != null && failed == null) {
            told.onCompletion();
          } else if (told != null) {
            told.onException(failed);
          }
        };
    // its own thread, since a slow loader must not block the pool that runs the listeners
    var _ = Thread.ofVirtual().name("carafe-jcache-load").start(task);
  }

  /** Writes through. Removes the entries that failed from the map, and returns the failure. */
  @Nullable CacheWriterException writeAll(Map<K, V> entries) {
    CacheWriter<? super K, ? super V> through = configuration.isWriteThrough() ? writer : null;
    if (through == null || entries.isEmpty()) {
      return null;
    }
    Collection<Cache.Entry<? extends K, ? extends V>> left = new ArrayList<>();
    entries.forEach((key, value) -> left.add(new CarafeEntry<>(key, value)));
    try {
      @SuppressWarnings({"unchecked", "rawtypes"})
      Collection<Cache.Entry<?, ?>> raw = (Collection) left;
      writeAllRaw(through, raw);
      return null;
    } catch (Throwable t) {
      left.forEach(entry -> entries.remove(entry.getKey()));
      return EntryOperations.wrapped(t);
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static void writeAllRaw(CacheWriter writer, Collection entries) {
    writer.writeAll(entries);
  }

  /** Deletes through. Removes the keys that failed from the set, and returns the failure. */
  @Nullable CacheWriterException deleteAll(Set<K> keys) {
    CacheWriter<? super K, ? super V> through = configuration.isWriteThrough() ? writer : null;
    if (through == null || keys.isEmpty()) {
      return null;
    }
    Collection<Object> left = new ArrayList<>(keys);
    try {
      through.deleteAll(left);
      return null;
    } catch (Throwable t) {
      left.forEach(keys::remove);
      return EntryOperations.wrapped(t);
    }
  }

  synchronized <C extends Configuration<K, V>> C configurationAs(Class<C> type) {
    return Unwrapping.unwrap(type, new CarafeConfiguration<>(configuration));
  }

  synchronized void register(CacheEntryListenerConfiguration<K, V> added) {
    configuration.addCacheEntryListenerConfiguration(added);
    listeners.register(added);
  }

  synchronized void deregister(CacheEntryListenerConfiguration<K, V> removed) {
    configuration.removeCacheEntryListenerConfiguration(removed);
    listeners.deregister(removed);
  }

  synchronized void enableManagement(boolean on) {
    if (on) {
      Beans.register(cache, new Beans.Shown(configuration), Beans.Kind.CONFIGURATION);
    } else {
      Beans.unregister(cache, Beans.Kind.CONFIGURATION);
    }
    configuration.setManagementEnabled(on);
  }

  synchronized void enableStatistics(boolean on) {
    if (on) {
      Beans.register(cache, statistics, Beans.Kind.STATISTICS);
    } else {
      Beans.unregister(cache, Beans.Kind.STATISTICS);
    }
    statistics.enable(on);
    configuration.setStatisticsEnabled(on);
  }

  void disableBeans() {
    enableManagement(false);
    enableStatistics(false);
  }

  void close() {
    try {
      operations.carafe.close();
    } finally {
      closeApplications();
    }
  }
}
