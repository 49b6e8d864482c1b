package dev.carafe.jcache;

import dev.carafe.Carafe;
import dev.carafe.spi.KeyBytes;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.cache.Cache;
import javax.cache.event.EventType;
import javax.cache.integration.CacheWriter;
import javax.cache.integration.CacheWriterException;
import org.jspecify.annotations.Nullable;

/**
 * Entries with JSR-107's expiry, events and write-through. Each change of a key is one step under
 * its lock: writer first, then the cache, and the event is queued before the lock is released.
 *
 * @param <K> keys
 * @param <V> values
 */
final class EntryOperations<K, V> {
  final Carafe<K, Held<V>> carafe;
  final ExpiryTimes expiry;
  final Listeners<K, V> listeners;
  final Copies<K> copies;
  final Tickets<V> loads = new Tickets<>();
  private final Cache<K, V> source;
  private final @Nullable CacheWriter<? super K, ? super V> writer;
  private final KeyLocks locks = new KeyLocks();

  /**
   * The result of a write.
   *
   * @param old the previous value
   * @param written whether the key has the new value now
   */
  record Written<V>(@Nullable V old, boolean written) {}

  EntryOperations(
      Cache<K, V> source,
      Carafe<K, Held<V>> carafe,
      ExpiryTimes expiry,
      Listeners<K, V> listeners,
      Copies<K> copies,
      @Nullable CacheWriter<? super K, ? super V> writer) {
    this.source = source;
    this.carafe = carafe;
    this.expiry = expiry;
    this.listeners = listeners;
    this.copies = copies;
    this.writer = writer;
  }

  /** Runs a step under the lock of the key's bytes. */
  <R extends @Nullable Object> R locked(K key, Function<K, R> step) {
    return locks.locked(copies.bytes(key), () -> step.apply(key));
  }

  /** Under the key's lock, as the last step of a change: supersedes all earlier loads. */
  void supersede(K key) {
    if (!loads.isEmpty()) {
      loads.supersede(copies.bytes(key));
    }
  }

  /** Returns the key's value without an effect on its expiry. */
  @Nullable V peek(K key) {
    Held<V> held = carafe.policy().getIfPresentQuietly(key);
    if (held == null && listeners.wantExpired()) {
      carafe.cleanUp(); // notifies listeners of expirations before the caller continues
    }
    return held == null ? null : held.value();
  }

  /** Returns the key's value and counts as an access for its expiry. */
  @Nullable V access(K key) {
    Held<V> held = carafe.getIfPresent(key);
    if (held == null) {
      if (listeners.wantExpired()) {
        carafe.cleanUp();
      }
      return null;
    }
    accessed(key);
    return held.value();
  }

  void accessed(K key) {
    long nanos = expiry.ofAccess();
    if (nanos != Held.UNCHANGED) {
      carafe
          .policy()
          .expireVariably()
          .ifPresent(policy -> policy.setExpiresAfter(key, nanos, TimeUnit.NANOSECONDS));
    }
  }

  /** Under the key's lock. Does not create a value that would expire at once. */
  Written<V> put(K key, V value, boolean toWriter) {
    V old = peek(key);
    if (toWriter) {
      write(key, value);
    }
    try {
      return put(key, value, old);
    } finally {
      supersede(key);
    }
  }

  private Written<V> put(K key, V value, @Nullable V old) {
    if (!store(key, value, old != null)) {
      listeners.publish(source, EventType.EXPIRED, key, value, value);
      return new Written<>(null, false);
    }
    EventType type = old == null ? EventType.CREATED : EventType.UPDATED;
    listeners.publish(source, type, key, value, old);
    return new Written<>(old, true);
  }

  /** Stores a value, unless it is a new one that would expire at once. */
  private boolean store(K key, V value, boolean present) {
    long nanos = present ? expiry.ofUpdate() : expiry.ofCreation();
    if (!present && nanos == 0) {
      return false;
    }
    carafe.put(copies.of(key), new Held<>(value, nanos));
    return true;
  }

  /**
   * As {@link #put}, if the caller does not need the previous value. Without listeners, which get
   * it, it is not decoded.
   *
   * @return whether the key has the new value now
   */
  boolean set(K key, V value, boolean toWriter) {
    if (!listeners.isEmpty()) {
      return put(key, value, toWriter).written();
    }
    boolean present = isPresent(key);
    if (toWriter) {
      write(key, value);
    }
    try {
      return store(key, value, present);
    } finally {
      supersede(key);
    }
  }

  /** Whether the key has a value, also one that the codec can't decode. Decodes nothing. */
  private boolean isPresent(K key) {
    return carafe
        .policy()
        .expireVariably()
        .orElseThrow()
        .getExpiresAfter(key, TimeUnit.NANOSECONDS)
        .isPresent();
  }

  /** Under the key's lock. */
  @Nullable V remove(K key, boolean toWriter) {
    V old = peek(key);
    if (toWriter) {
      delete(key);
    }
    if (old != null) {
      carafe.invalidate(key);
    }
    supersede(key); // after the writer: a load that began before may have an older value
    if (old != null) {
      listeners.publish(source, EventType.REMOVED, key, old, old);
    }
    return old;
  }

  /** As {@link #remove}, if the caller does not need the previous value, as in {@link #set}. */
  boolean discard(K key, boolean toWriter) {
    if (!listeners.isEmpty()) {
      return remove(key, toWriter) != null;
    }
    boolean present = isPresent(key);
    if (toWriter) {
      delete(key);
    }
    if (present) {
      carafe.invalidate(key);
    }
    supersede(key); // as in remove
    return present;
  }

  /** Removes all entries without events and without the writer. */
  void clear() {
    supersedeAll();
    carafe.invalidateAll();
  }

  /** Supersedes all loads in progress. */
  void supersedeAll() {
    for (KeyBytes next : loads.keys()) {
      var _ =
          locks.locked(
              next,
              () -> {
                loads.supersede(next);
                return true;
              });
    }
  }

  /**
   * Puts a loaded value into the cache, unless the key was changed since the load began.
   *
   * @return the key's value, or the loaded value if the key was removed since
   */
  @Nullable V keep(K key, @Nullable V value, Tickets.Ticket<V> ticket) {
    return locked(
        key,
        k -> {
          V present = peek(k);
          if (present != null) {
            return present;
          }
          if (value != null && !ticket.isSuperseded()) {
            create(k, value);
          }
          return value;
        });
  }

  /** Under the key's lock. Does not create a loaded value that would expire at once. */
  void create(K key, V value) {
    long nanos = expiry.ofCreation();
    if (nanos == 0) {
      listeners.publish(source, EventType.EXPIRED, key, value, value);
      return;
    }
    Held<V> loaded = new Held<>(value, nanos);
    if (carafe.get(copies.of(key), k -> loaded) == loaded) { // as a load, so it goes to the file
      listeners.publish(source, EventType.CREATED, key, value, null);
    }
  }

  void write(K key, V value) {
    if (writer != null) {
      try {
        writer.write(new CarafeEntry<>(key, value));
      } catch (Throwable t) {
        throw wrapped(t);
      }
    }
  }

  void delete(K key) {
    if (writer != null) {
      try {
        writer.delete(key);
      } catch (Throwable t) {
        throw wrapped(t);
      }
    }
  }

  /** Also for checked exceptions, which not all languages declare. */
  static CacheWriterException wrapped(Throwable t) {
    if (t instanceof Error error) {
      throw error;
    }
    return t instanceof CacheWriterException already
        ? already
        : new CacheWriterException("the cache writer threw", t);
  }
}
