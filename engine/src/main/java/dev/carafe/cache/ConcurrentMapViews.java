package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import java.util.AbstractCollection;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The views of a map over both tiers. Iteration is weakly consistent: it visits the keys that were
 * present when it began, except those that were removed before the iterator reached them. Iteration
 * over keys reads no values.
 *
 * <p>Bulk operations ({@code removeIf}, {@code removeAll}, {@code retainAll}, {@code remove} of a
 * value) remove a key only if its value is the one that was tested, or passes the test again, as
 * one atomic step. As in Caffeine and {@code ConcurrentHashMap}, an iterator's {@code remove}
 * removes the key even if its value has changed, and an entry's {@code setValue} overwrites the
 * current value.
 *
 * @param <K> keys
 * @param <V> the values of the map: values or futures
 */
abstract class ConcurrentMapViews<K, V> extends AbstractMap<K, V> implements ConcurrentMap<K, V> {
  /** Returns the current keys and the expiration times of their values. */
  abstract Map<K, Long> expirations();

  /** Returns whether a key is still present, without a read of its value. */
  abstract boolean isPresentUntil(K key, long expiresAtNanos);

  /** Returns the key's value without recording the read. */
  abstract @Nullable V peek(K key);

  /**
   * Removes the key as one atomic step if its value equals {@code seen} or passes the test.
   *
   * @return whether it was removed
   */
  abstract boolean removeIf(K key, V seen, Predicate<? super V> test);

  /** Throws if the cache is closed. */
  abstract void checkOpen();

  @Override
  public boolean isEmpty() {
    return size() == 0;
  }

  @Override
  public boolean containsValue(@Nullable Object value) {
    requireNonNull(value, "value");
    return values().contains(value);
  }

  /**
   * Replaces the value of each key as one atomic step. The default method would compare with the
   * previous value.
   */
  @Override
  public void replaceAll(BiFunction<? super K, ? super V, ? extends V> function) {
    requireNonNull(function, "function");
    for (K key : keySet()) {
      var _ =
          computeIfPresent(
              key,
              (k, before) -> requireNonNull(function.apply(k, before), "the function's value"));
    }
  }

  @Override
  public Set<K> keySet() {
    checkOpen();
    return new KeySet();
  }

  @Override
  public Collection<V> values() {
    checkOpen();
    return new Values();
  }

  @Override
  public Set<Entry<K, V>> entrySet() {
    checkOpen();
    return new EntrySet();
  }

  /** The keys that have a value. */
  class KeySet extends AbstractSet<K> {
    @Override
    public Iterator<K> iterator() {
      return new ViewIterator.OfKeys<>(ConcurrentMapViews.this);
    }

    @Override
    public Spliterator<K> spliterator() {
      return Spliterators.spliteratorUnknownSize(
          iterator(), Spliterator.CONCURRENT | Spliterator.DISTINCT | Spliterator.NONNULL);
    }

    @Override
    public int size() {
      return ConcurrentMapViews.this.size();
    }

    @Override
    public boolean contains(@Nullable Object key) {
      return key != null && containsKey(key);
    }

    @Override
    public boolean remove(@Nullable Object key) {
      return key != null && ConcurrentMapViews.this.remove(key) != null;
    }

    @Override
    public void clear() {
      ConcurrentMapViews.this.clear();
    }
  }

  private final class Values extends AbstractCollection<V> {
    @Override
    public Iterator<V> iterator() {
      Iterator<Entry<K, V>> each = new ViewIterator.OfEntries<>(ConcurrentMapViews.this);
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return each.hasNext();
        }

        @Override
        public V next() {
          return each.next().getValue();
        }

        @Override
        public void remove() {
          each.remove();
        }
      };
    }

    @Override
    public Spliterator<V> spliterator() {
      return Spliterators.spliteratorUnknownSize(
          iterator(), Spliterator.CONCURRENT | Spliterator.NONNULL);
    }

    @Override
    public int size() {
      return ConcurrentMapViews.this.size();
    }

    @Override
    public boolean contains(@Nullable Object o) {
      for (V value : this) {
        if (Objects.deepEquals(value, o)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public boolean remove(@Nullable Object o) {
      for (Entry<K, V> entry : entrySet()) {
        if (Objects.deepEquals(entry.getValue(), o)
            && ConcurrentMapViews.this.removeIf(
                entry.getKey(), entry.getValue(), value -> Objects.deepEquals(value, o))) {
          return true;
        }
      }
      return false;
    }

    @Override
    public boolean removeIf(Predicate<? super V> filter) {
      requireNonNull(filter, "filter");
      boolean removed = false;
      for (Entry<K, V> entry : entrySet()) {
        V value = entry.getValue();
        removed |=
            filter.test(value) && ConcurrentMapViews.this.removeIf(entry.getKey(), value, filter);
      }
      return removed;
    }

    @Override
    public boolean removeAll(Collection<?> c) {
      requireNonNull(c, "c");
      return removeIf(c::contains);
    }

    @Override
    public boolean retainAll(Collection<?> c) {
      requireNonNull(c, "c");
      return removeIf(value -> !c.contains(value));
    }

    @Override
    public void clear() {
      ConcurrentMapViews.this.clear();
    }
  }

  private final class EntrySet extends AbstractSet<Entry<K, V>> {
    @Override
    public Iterator<Entry<K, V>> iterator() {
      return new ViewIterator.OfEntries<>(ConcurrentMapViews.this);
    }

    @Override
    public Spliterator<Entry<K, V>> spliterator() {
      return Spliterators.spliteratorUnknownSize(
          iterator(), Spliterator.CONCURRENT | Spliterator.DISTINCT | Spliterator.NONNULL);
    }

    @Override
    public int size() {
      return ConcurrentMapViews.this.size();
    }

    @Override
    public boolean contains(@Nullable Object o) {
      checkOpen();
      return o instanceof Entry<?, ?> e && e.getKey() != null && e.getValue() != null && has(e);
    }

    private boolean has(Entry<?, ?> e) {
      return Objects.deepEquals(getQuietly(e.getKey()), e.getValue());
    }

    @Override
    public boolean remove(@Nullable Object o) {
      checkOpen();
      return o instanceof Entry<?, ?> e
          && e.getKey() != null
          && ConcurrentMapViews.this.remove(e.getKey(), e.getValue());
    }

    @Override
    public boolean removeIf(Predicate<? super Entry<K, V>> filter) {
      requireNonNull(filter, "filter");
      boolean removed = false;
      for (Entry<K, V> entry : this) {
        K key = entry.getKey();
        removed |=
            filter.test(entry)
                && ConcurrentMapViews.this.removeIf(
                    key, entry.getValue(), value -> filter.test(new WriteThroughEntry(key, value)));
      }
      return removed;
    }

    @Override
    public boolean removeAll(Collection<?> c) {
      requireNonNull(c, "c");
      boolean removed = false;
      for (Object o : c) {
        removed |= remove(o);
      }
      return removed;
    }

    @Override
    public boolean retainAll(Collection<?> c) {
      requireNonNull(c, "c");
      return removeIf(entry -> !c.contains(entry));
    }

    @Override
    public void clear() {
      ConcurrentMapViews.this.clear();
    }
  }

  /** Returns the value of an object that may not be a key, without recording the read. */
  abstract @Nullable V getQuietly(@Nullable Object key);

  /** Returns an entry whose setValue writes to the cache. */
  Entry<K, V> writeThroughEntry(K key, V value) {
    return new WriteThroughEntry(key, value);
  }

  /** An entry whose setValue writes to the cache. */
  private final class WriteThroughEntry extends SimpleEntry<K, V> {
    private static final long serialVersionUID = 1L;

    WriteThroughEntry(K key, V value) {
      super(key, value);
    }

    @Override
    public V setValue(V value) {
      var _ = put(getKey(), value);
      return super.setValue(value);
    }
  }
}
