package dev.carafe.jcache;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import javax.cache.Cache;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.configuration.Factory;
import javax.cache.event.CacheEntryCreatedListener;
import javax.cache.event.CacheEntryEvent;
import javax.cache.event.CacheEntryEventFilter;
import javax.cache.event.CacheEntryExpiredListener;
import javax.cache.event.CacheEntryListener;
import javax.cache.event.CacheEntryListenerException;
import javax.cache.event.CacheEntryRemovedListener;
import javax.cache.event.CacheEntryUpdatedListener;
import javax.cache.event.EventType;
import org.jspecify.annotations.Nullable;

/**
 * Notifies the listeners on the executor, in the order of each key's events. The thread that caused
 * an event waits for its synchronous listeners after it has released all locks.
 */
final class Listeners<K, V> {
  private static final System.Logger LOG = System.getLogger("dev.carafe.jcache");

  private final Executor executor;
  private final List<Registered<K, V>> registered = new CopyOnWriteArrayList<>();
  private final ThreadLocal<List<CompletableFuture<@Nullable CacheEntryListenerException>>>
      pending = ThreadLocal.withInitial(ArrayList::new);

  /** A listener, and the last pending event of each key. */
  private record Registered<K, V>(
      CacheEntryListenerConfiguration<K, V> configuration,
      CacheEntryListener<? super K, ? super V> listener,
      @Nullable CacheEntryEventFilter<? super K, ? super V> filter,
      ConcurrentMap<K, CompletableFuture<@Nullable CacheEntryListenerException>> last) {}

  Listeners(Executor executor) {
    this.executor = executor;
  }

  void register(CacheEntryListenerConfiguration<K, V> configuration) {
    CacheEntryListener<? super K, ? super V> listener =
        configuration.getCacheEntryListenerFactory().create();
    Factory<CacheEntryEventFilter<? super K, ? super V>> filters =
        configuration.getCacheEntryEventFilterFactory();
    registered.add(
        new Registered<>(
            configuration,
            listener,
            filters == null ? null : filters.create(),
            new ConcurrentHashMap<>()));
  }

  void deregister(CacheEntryListenerConfiguration<K, V> configuration) {
    registered.removeIf(next -> next.configuration.equals(configuration));
  }

  boolean isEmpty() {
    return registered.isEmpty();
  }

  /** Whether a listener receives expirations, so that expired entries must be searched for. */
  boolean wantExpired() {
    for (Registered<K, V> next : registered) {
      if (next.listener instanceof CacheEntryExpiredListener) {
        return true;
      }
    }
    return false;
  }

  void publish(Cache<K, V> source, EventType type, K key, @Nullable V value, @Nullable V oldValue) {
    if (registered.isEmpty()) {
      return;
    }
    EntryEvent<K, V> event = new EntryEvent<>(source, type, key, value, oldValue);
    for (Registered<K, V> next : registered) {
      if (listensTo(next.listener, type) && passes(next, event)) {
        send(next, event);
      }
    }
  }

  private static boolean listensTo(CacheEntryListener<?, ?> listener, EventType type) {
    return switch (type) {
      case CREATED -> listener instanceof CacheEntryCreatedListener;
      case UPDATED -> listener instanceof CacheEntryUpdatedListener;
      case REMOVED -> listener instanceof CacheEntryRemovedListener;
      case EXPIRED -> listener instanceof CacheEntryExpiredListener;
    };
  }

  private static <K, V> boolean passes(Registered<K, V> to, EntryEvent<K, V> event) {
    try {
      return to.filter == null || to.filter.evaluate(event);
    } catch (CacheEntryListenerException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new CacheEntryListenerException(e);
    }
  }

  private void send(Registered<K, V> to, EntryEvent<K, V> event) {
    CompletableFuture<@Nullable CacheEntryListenerException> told =
        to.last.compute(
            event.getKey(),
            (key, before) ->
                before == null
                    ? CompletableFuture.supplyAsync(() -> tell(to, event), executor)
                    : before.handleAsync((done, error) -> tell(to, event), executor));
    var _ = told.whenComplete((done, error) -> to.last.remove(event.getKey(), told));
    if (to.configuration.isSynchronous()) {
      pending.get().add(told);
    }
  }

  @SuppressWarnings("unchecked")
  private static <K, V> @Nullable CacheEntryListenerException tell(
      Registered<K, V> to, EntryEvent<K, V> event) {
    List<CacheEntryEvent<? extends K, ? extends V>> events = List.of(event);
    Object listener = to.listener;
    try {
      switch (event.getEventType()) {
        case CREATED -> ((CacheEntryCreatedListener<K, V>) listener).onCreated(events);
        case UPDATED -> ((CacheEntryUpdatedListener<K, V>) listener).onUpdated(events);
        case REMOVED -> ((CacheEntryRemovedListener<K, V>) listener).onRemoved(events);
        case EXPIRED -> ((CacheEntryExpiredListener<K, V>) listener).onExpired(events);
      }
      return null;
    } catch (CacheEntryListenerException e) {
      return logged(e);
    } catch (Throwable t) {
      return logged(new CacheEntryListenerException(t));
    }
  }

  private static CacheEntryListenerException logged(CacheEntryListenerException e) {
    LOG.log(Level.WARNING, "a cache entry listener threw", e);
    return e;
  }

  /** Waits for the synchronous listeners of this thread's events; holds no lock. */
  void await() {
    List<CompletableFuture<@Nullable CacheEntryListenerException>> mine = pending.get();
    if (mine.isEmpty()) {
      return;
    }
    CacheEntryListenerException first = null;
    List<CompletableFuture<@Nullable CacheEntryListenerException>> told = List.copyOf(mine);
    mine.clear();
    for (CompletableFuture<@Nullable CacheEntryListenerException> next : told) {
      CacheEntryListenerException thrown = next.join();
      first = first == null ? thrown : first;
    }
    if (first != null) {
      throw first;
    }
  }

  /** Closes the listeners that are Closeable. */
  void close() {
    for (Registered<K, V> next : registered) {
      Closing.close(next.listener);
    }
    registered.clear();
  }
}
