package dev.carafe.jcache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.spi.WriteExpiry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import javax.cache.Cache;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.configuration.Factory;
import javax.cache.event.EventType;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheWriter;
import javax.cache.integration.CacheWriterException;
import javax.cache.integration.CompletionListener;
import org.jspecify.annotations.Nullable;

/**
 * The components of a cache over a {@link Carafe}, and the operations that are not on a single key.
 */
final class CacheParts<K, V> extends CacheCore<K, V> {
  private final EntryOperations<K, V> operations;
  private final Listeners<K, V> listeners = new Listeners<>(ForkJoinPool.commonPool());
  private final @Nullable CacheWriter<? super K, ? super V> writer;
  private final @Nullable Loading<K, V> loading;
  private final Processing<K, V> processing;

  CacheParts(Cache<K, V> cache, CarafeCaches manager, CarafeConfiguration<K, V> configuration) {
    super(cache, configuration);
    Factory<CacheWriter<? super K, ? super V>> writers = configuration.getCacheWriterFactory();
    this.writer = writers == null ? null : writers.create();
    configuration.getCacheEntryListenerConfigurations().forEach(listeners::register);
    this.operations = openOperations(manager);
    CacheLoader<K, V> loader = loader();
    this.loading = loader == null ? null : new Loading<>(operations, loader);
    this.processing =
        new Processing<>(operations, statistics(), configuration.isReadThrough() ? loader : null);
  }

  /** Opens the cache. If that fails, it closes the objects that the configuration created. */
  private EntryOperations<K, V> openOperations(CarafeCaches manager) {
    boolean opened = false;
    try {
      Codec<K> keys = CacheCodecs.keys(configuration(), manager);
      EntryOperations<K, V> created =
          new EntryOperations<>(
              cache(),
              open(manager.store(), keys, Held.coded(CacheCodecs.values(configuration(), manager))),
              new ExpiryTimes(expiry()),
              listeners,
              new Copies<>(keys),
              configuration().isWriteThrough() ? writer : null);
      opened = true;
      return created;
    } finally {
      if (!opened) {
        closeApplications();
      }
    }
  }

  @Override
  void closeApplications() {
    super.closeApplications();
    Closing.close(writer);
    listeners.close();
  }

  private Carafe<K, Held<V>> open(
      @Nullable ManagerStore store, Codec<K> keys, Codec<Held<V>> values) {
    CarafeBuilder<K, Held<V>> builder =
        store == null
            ? BuilderSettings.ofOwn(
                configuration(), Carafe.newBuilder().keyCodec(keys).<Held<V>>valueCodec(values))
            : BuilderSettings.ofStore(
                configuration(), store.cache(cache().getName(), keys, values));
    return builder
        .expireAfter(WriteExpiry.of(new Held.ByHeld<K, V>()))
        .<K, Held<V>>evictionListener(this::evicted)
        .build();
  }

  private void evicted(@Nullable K key, @Nullable Held<V> held, RemovalCause cause) {
    if (cause != RemovalCause.EXPIRED) {
      statistics().evicted();
    } else if (key != null && held != null) {
      listeners.publish(cache(), EventType.EXPIRED, key, held.value(), held.value());
    }
  }

  EntryOperations<K, V> operations() {
    return operations;
  }

  Processing<K, V> processing() {
    return processing;
  }

  /** The loader of misses; null unless the cache is read-through. */
  @Nullable Loading<K, V> readThrough() {
    return configuration().isReadThrough() ? loading : null;
  }

  void loadAll(Set<? extends K> keys, boolean replaceExisting, @Nullable CompletionListener told) {
    Loading<K, V> from = loading;
    if (from == null) {
      if (told != null) {
        told.onCompletion();
      }
      return;
    }
    Loading.start(
        () -> {
          from.loadAll(keys, replaceExisting);
          listeners.await();
        },
        told);
  }

  /** Writes through. Removes the entries that failed from the map, and returns the failure. */
  @Nullable CacheWriterException writeAll(Map<K, V> entries) {
    CacheWriter<? super K, ? super V> through = configuration().isWriteThrough() ? writer : null;
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
    CacheWriter<? super K, ? super V> through = configuration().isWriteThrough() ? writer : null;
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

  @Override
  synchronized void register(CacheEntryListenerConfiguration<K, V> added) {
    configuration().addCacheEntryListenerConfiguration(added);
    listeners.register(added);
  }

  @Override
  synchronized void deregister(CacheEntryListenerConfiguration<K, V> removed) {
    configuration().removeCacheEntryListenerConfiguration(removed);
    listeners.deregister(removed);
  }

  @Override
  Object[] under() {
    return new Object[] {operations.carafe};
  }

  @Override
  void close() {
    try {
      operations.carafe.close();
    } finally {
      closeApplications();
    }
  }
}
