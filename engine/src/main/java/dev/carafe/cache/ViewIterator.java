package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import java.util.Iterator;
import java.util.Map.Entry;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Iterates over the keys that a map had at the beginning, and skips those that have been removed.
 *
 * @param <K> keys
 * @param <V> the values of the map
 * @param <T> the elements: keys or entries
 */
abstract class ViewIterator<K, V, T> implements Iterator<T> {
  final ConcurrentMapViews<K, V> map;
  private final Iterator<Entry<K, Long>> expirations;
  private @Nullable T next;
  private @Nullable K nextKey;
  private @Nullable K last;

  ViewIterator(ConcurrentMapViews<K, V> map) {
    this.map = map;
    this.expirations = map.expirations().entrySet().iterator();
  }

  /** Returns the element of a key, or null if the key has been removed. */
  abstract @Nullable T at(K key, long expiresAtNanos);

  @Override
  public boolean hasNext() {
    map.checkOpen();
    while (next == null && expirations.hasNext()) {
      Entry<K, Long> end = expirations.next();
      nextKey = end.getKey();
      next = at(end.getKey(), end.getValue());
    }
    return next != null;
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    T current = requireNonNull(next);
    last = nextKey;
    next = null;
    return current;
  }

  @Override
  public void remove() {
    K key = last;
    if (key == null) {
      throw new IllegalStateException("next() was not called, or remove() was called twice");
    }
    var _ = map.remove(key);
    last = null;
  }

  /** Iterates over keys, without a read of their values. */
  static final class OfKeys<K, V> extends ViewIterator<K, V, K> {
    OfKeys(ConcurrentMapViews<K, V> map) {
      super(map);
    }

    @Override
    @Nullable K at(K key, long expiresAtNanos) {
      return map.isPresentUntil(key, expiresAtNanos) ? key : null;
    }
  }

  /** Iterates over entries. */
  static final class OfEntries<K, V> extends ViewIterator<K, V, Entry<K, V>> {
    OfEntries(ConcurrentMapViews<K, V> map) {
      super(map);
    }

    @Override
    @Nullable Entry<K, V> at(K key, long expiresAtNanos) {
      V value = map.peek(key);
      return value == null ? null : map.writeThroughEntry(key, value);
    }
  }
}
