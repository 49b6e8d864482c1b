package dev.carafe.cache.keyed;

import static java.util.Objects.requireNonNull;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A view of a map with the application's keys.
 *
 * @param <K> the application's keys
 * @param <V> values
 */
final class KeyedMap<K, V> extends AbstractMap<K, V> implements ConcurrentMap<K, V> {
  private final KeyCodec<K> keys;
  private final Map<Key<K>, V> inner;
  private final Function<Key<K>, K> unwrap;

  KeyedMap(KeyCodec<K> keys, Map<Key<K>, V> inner, Function<Key<K>, K> unwrap) {
    this.keys = keys;
    this.inner = inner;
    this.unwrap = unwrap;
  }

  @Override
  public int size() {
    return inner.size();
  }

  @Override
  public boolean isEmpty() {
    return inner.isEmpty();
  }

  @Override
  public void clear() {
    inner.clear();
  }

  @Override
  public @Nullable V get(@Nullable Object key) {
    return keys.<@Nullable V>callIfKey(key, inner::get, null);
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return keys.callIfKey(key, inner::containsKey, false);
  }

  @Override
  public boolean containsValue(@Nullable Object value) {
    return inner.containsValue(value);
  }

  @Override
  public @Nullable V put(K key, V value) {
    return keys.<@Nullable V>call(key, k -> inner.put(k, value));
  }

  @Override
  public @Nullable V remove(@Nullable Object key) {
    return keys.<@Nullable V>callIfKey(key, inner::remove, null);
  }

  @Override
  public boolean remove(@Nullable Object key, @Nullable Object value) {
    return keys.callIfKey(key, k -> inner.remove(k, value), false);
  }

  @Override
  public @Nullable V putIfAbsent(K key, V value) {
    return keys.<@Nullable V>call(key, k -> inner.putIfAbsent(k, value));
  }

  @Override
  public @Nullable V replace(K key, V value) {
    return keys.<@Nullable V>call(key, k -> inner.replace(k, value));
  }

  @Override
  public boolean replace(K key, V oldValue, V newValue) {
    return keys.call(key, k -> inner.replace(k, oldValue, newValue));
  }

  @Override
  public V computeIfAbsent(K key, Function<? super K, ? extends V> mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    return keys.call(
        key, k -> inner.computeIfAbsent(k, wrapped -> mappingFunction.apply(wrapped.object())));
  }

  @Override
  public V computeIfPresent(
      K key, BiFunction<? super K, ? super V, ? extends V> remappingFunction) {
    requireNonNull(remappingFunction, "remappingFunction");
    return keys.call(
        key,
        k ->
            inner.computeIfPresent(
                k, (wrapped, value) -> remappingFunction.apply(wrapped.object(), value)));
  }

  @Override
  public V compute(
      K key, BiFunction<? super K, ? super @Nullable V, ? extends V> remappingFunction) {
    requireNonNull(remappingFunction, "remappingFunction");
    return keys.call(
        key,
        k ->
            inner.compute(k, (wrapped, value) -> remappingFunction.apply(wrapped.object(), value)));
  }

  @Override
  public V merge(K key, V value, BiFunction<? super V, ? super V, ? extends V> remappingFunction) {
    return keys.call(key, k -> inner.merge(k, value, remappingFunction));
  }

  @Override
  public void forEach(BiConsumer<? super K, ? super V> action) {
    inner.forEach((key, value) -> action.accept(unwrap.apply(key), value));
  }

  @Override
  public void replaceAll(BiFunction<? super K, ? super V, ? extends V> function) {
    inner.replaceAll((key, value) -> function.apply(unwrap.apply(key), value));
  }

  @Override
  public Set<K> keySet() {
    return new KeyedSet<>(keys, inner.keySet(), unwrap);
  }

  @Override
  public Collection<V> values() {
    return inner.values();
  }

  @Override
  public Set<Entry<K, V>> entrySet() {
    return new Entries();
  }

  private final class Entries extends AbstractSet<Entry<K, V>> {
    private final Set<Entry<Key<K>, V>> each = inner.entrySet();

    @Override
    public int size() {
      return each.size();
    }

    @Override
    public boolean isEmpty() {
      return each.isEmpty();
    }

    @Override
    public void clear() {
      each.clear();
    }

    @Override
    public boolean contains(@Nullable Object o) {
      return o instanceof Entry<?, ?> e && each.contains(keyed(e));
    }

    @Override
    public boolean remove(@Nullable Object o) {
      return o instanceof Entry<?, ?> e && each.remove(keyed(e));
    }

    /** Wraps the key of an entry; null if it is not a key. */
    private @Nullable Entry<?, ?> keyed(Entry<?, ?> entry) {
      Object object = entry.getKey();
      Key<K> key = object == null ? null : keys.keyOrNull(object);
      return key == null ? null : new SimpleImmutableEntry<>(key, entry.getValue());
    }

    @Override
    public boolean removeAll(Collection<?> entries) {
      requireNonNull(entries, "entries");
      boolean removed = false;
      for (Object entry : entries) {
        removed |= remove(entry);
      }
      return removed;
    }

    /** One atomic step for each key, as {@link #removeIf}; the default would use the iterator. */
    @Override
    public boolean retainAll(Collection<?> entries) {
      requireNonNull(entries, "entries");
      return removeIf(entry -> !entries.contains(entry));
    }

    @Override
    public boolean removeIf(Predicate<? super Entry<K, V>> filter) {
      return each.removeIf(entry -> filter.test(unwrapped(entry)));
    }

    @Override
    public Iterator<Entry<K, V>> iterator() {
      return new KeyedSet.MappingIterator<>(each.iterator(), this::unwrapped);
    }

    @Override
    public Spliterator<Entry<K, V>> spliterator() {
      return Spliterators.spliteratorUnknownSize(
          iterator(), Spliterator.DISTINCT | Spliterator.NONNULL);
    }

    private Entry<K, V> unwrapped(Entry<Key<K>, V> entry) {
      return new EntryView<>(unwrap.apply(entry.getKey()), entry);
    }
  }

  /** An entry of the map, with the application's key. */
  private static final class EntryView<K, V> extends SimpleEntry<K, V> {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // views are not serialized
    private final Entry<Key<K>, V> entry;

    EntryView(K key, Entry<Key<K>, V> entry) {
      super(key, entry.getValue());
      this.entry = entry;
    }

    @Override
    public V setValue(V value) {
      var _ = entry.setValue(value);
      return super.setValue(value);
    }
  }
}
