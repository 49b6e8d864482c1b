package dev.carafe.jcache;

import static java.util.Objects.requireNonNull;

import java.util.Iterator;
import java.util.NoSuchElementException;
import javax.cache.Cache;
import org.jspecify.annotations.Nullable;

/** Iterates over a cache. Each entry that is present when it is reached counts as a hit. */
final class Entries<K, V> implements Iterator<Cache.Entry<K, V>> {
  private final Cache<K, V> cache;
  private final EntryOperations<K, V> operations;
  private final Statistics statistics;
  private final Iterator<K> keys;
  private Cache.@Nullable Entry<K, V> next;
  private @Nullable K last;

  Entries(Cache<K, V> cache, EntryOperations<K, V> operations, Statistics statistics) {
    this.cache = cache;
    this.operations = operations;
    this.statistics = statistics;
    this.keys = operations.carafe.asMap().keySet().iterator();
  }

  @Override
  public boolean hasNext() {
    while (next == null && keys.hasNext()) {
      K key = keys.next();
      V value = operations.access(key);
      if (value != null) {
        next = new CarafeEntry<>(operations.copies.of(key), value);
      }
    }
    return next != null;
  }

  @Override
  public Cache.Entry<K, V> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    statistics.got(1, 0, statistics.start());
    Cache.Entry<K, V> current = requireNonNull(next);
    last = current.getKey();
    next = null;
    return current;
  }

  @Override
  public void remove() {
    if (last == null) {
      throw new IllegalStateException("next() was not called, or remove() was called twice");
    }
    var _ = cache.remove(last);
    last = null;
  }
}
