package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import dev.carafe.cache.Writes.Change;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Both tiers as one {@link ConcurrentMap}. Every method that reads and writes is one step under the
 * key's lock, over both tiers (contract R4). Values are compared by {@code equals}, arrays by their
 * elements. Iteration is weakly consistent: the keys are those of the moment it began.
 *
 * @param <K> keys
 * @param <V> values
 */
class MapView<K, V> extends AbstractMap<K, V> implements ConcurrentMap<K, V> {
  private final Parts<K, V> parts;

  MapView(Parts<K, V> parts) {
    this.parts = parts;
  }

  @SuppressWarnings({"unchecked", "NullAway"})
  static <T> T cast(@Nullable Object key) {
    return (T) key; // whoever asks knows that it is not null
  }

  @Override
  public @Nullable V get(@Nullable Object key) {
    Object seen =
        parts.fetches().fetch(MapView.<K>cast(requireNonNull(key, "key")), parts.values().decoder);
    return seen == Fetches.MISS ? null : MapView.<V>cast(requireNonNull(seen));
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return parts.quietly(cast(requireNonNull(key, "key"))) != null;
  }

  @Override
  public @Nullable V put(K key, V value) {
    requireNonNull(value, "value");
    return parts.writes().update(requireNonNull(key, "key"), (k, before) -> value);
  }

  @Override
  public @Nullable V remove(@Nullable Object key) {
    return parts.writes().update(MapView.<K>cast(requireNonNull(key, "key")), (k, before) -> null);
  }

  @Override
  public boolean remove(@Nullable Object key, @Nullable Object value) {
    requireNonNull(key, "key");
    if (value == null) {
      return false;
    }
    boolean[] removed = {false};
    var _ =
        parts
            .writes()
            .update(
                MapView.<K>cast(key),
                (k, before) -> {
                  removed[0] = Objects.deepEquals(before, value);
                  return removed[0] ? null : Change.NONE;
                });
    return removed[0];
  }

  @Override
  public @Nullable V putIfAbsent(K key, V value) {
    requireNonNull(value, "value");
    return parts
        .writes()
        .update(requireNonNull(key, "key"), (k, before) -> before == null ? value : Change.NONE);
  }

  @Override
  public @Nullable V replace(K key, V value) {
    requireNonNull(value, "value");
    return parts
        .writes()
        .update(requireNonNull(key, "key"), (k, before) -> before == null ? Change.NONE : value);
  }

  @Override
  public boolean replace(K key, V oldValue, V newValue) {
    requireNonNull(oldValue, "oldValue");
    requireNonNull(newValue, "newValue");
    boolean[] replaced = {false};
    var _ =
        parts
            .writes()
            .update(
                requireNonNull(key, "key"),
                (k, before) -> {
                  replaced[0] = Objects.deepEquals(before, oldValue);
                  return replaced[0] ? newValue : Change.NONE;
                });
    return replaced[0];
  }

  @Override
  @SuppressWarnings("NullAway") // null exactly when the mapping function returns null
  public V computeIfAbsent(K key, Function<? super K, ? extends V> mappingFunction) {
    requireNonNull(mappingFunction, "mappingFunction");
    return parts.loads().get(requireNonNull(key, "key"), mappingFunction);
  }

  @Override
  public V computeIfPresent(
      K key, BiFunction<? super K, ? super V, ? extends V> remappingFunction) {
    requireNonNull(remappingFunction, "remappingFunction");
    BiFunction<K, V, @Nullable V> counted = parts.loads().counted(remappingFunction);
    return after(key, (k, before) -> before == null ? Change.NONE : counted.apply(k, before));
  }

  @Override
  public V compute(
      K key, BiFunction<? super K, ? super @Nullable V, ? extends V> remappingFunction) {
    requireNonNull(remappingFunction, "remappingFunction");
    return after(key, parts.loads().counted(remappingFunction)::apply);
  }

  @Override
  public V merge(K key, V value, BiFunction<? super V, ? super V, ? extends V> remappingFunction) {
    requireNonNull(value, "value");
    requireNonNull(remappingFunction, "remappingFunction");
    BiFunction<V, V, @Nullable V> counted = parts.loads().counted(remappingFunction);
    return after(key, (k, before) -> before == null ? value : counted.apply(before, value));
  }

  /** Updates and returns the value after it, which may be null, as the map's contract has it. */
  @SuppressWarnings("NullAway")
  private V after(K key, BiFunction<? super K, @Nullable V, @Nullable Object> decide) {
    Object[] after = {null};
    var _ =
        parts
            .writes()
            .update(
                requireNonNull(key, "key"),
                (k, before) -> {
                  Object decided = decide.apply(k, before);
                  after[0] = decided == Change.NONE ? before : decided;
                  return decided;
                });
    return cast(after[0]);
  }

  @Override
  public void clear() {
    parts.clear();
  }

  @Override
  public int size() {
    return (int) Math.min(Integer.MAX_VALUE, parts.figures().entryCount());
  }

  @Override
  public boolean isEmpty() {
    return size() == 0;
  }

  @Override
  public Set<Entry<K, V>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public Iterator<Entry<K, V>> iterator() {
        return new Entries();
      }

      @Override
      public int size() {
        return MapView.this.size();
      }

      @Override
      public boolean contains(@Nullable Object o) {
        return o instanceof Entry<?, ?> e
            && e.getKey() != null
            && e.getValue() != null
            && Objects.deepEquals(parts.quietly(MapView.<K>cast(e.getKey())), e.getValue());
      }

      @Override
      public boolean remove(@Nullable Object o) {
        return o instanceof Entry<?, ?> e
            && e.getKey() != null
            && MapView.this.remove(e.getKey(), e.getValue());
      }

      @Override
      public void clear() {
        MapView.this.clear();
      }
    };
  }

  /** As AbstractMap's, but a key is looked up, and not searched for. */
  @Override
  public Set<K> keySet() {
    Set<Entry<K, V>> entries = entrySet();
    return new AbstractSet<>() {
      @Override
      public Iterator<K> iterator() {
        Iterator<Entry<K, V>> each = entries.iterator();
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return each.hasNext();
          }

          @Override
          public K next() {
            return each.next().getKey();
          }

          @Override
          public void remove() {
            each.remove();
          }
        };
      }

      @Override
      public int size() {
        return MapView.this.size();
      }

      @Override
      public boolean contains(@Nullable Object key) {
        return key != null && containsKey(key);
      }

      @Override
      public boolean remove(@Nullable Object key) {
        return key != null && MapView.this.remove(key) != null;
      }

      @Override
      public void clear() {
        MapView.this.clear();
      }
    };
  }

  /** Walks the keys of the beginning and skips those that have gone meanwhile. */
  private final class Entries implements Iterator<Entry<K, V>> {
    private final Iterator<K> keys = parts.keys().iterator();
    private @Nullable Entry<K, V> next;
    private @Nullable K last;

    @Override
    public boolean hasNext() {
      while (next == null && keys.hasNext()) {
        K key = keys.next();
        V value = parts.quietly(key);
        if (value != null) {
          next = new WriteThrough(key, value);
        }
      }
      return next != null;
    }

    @Override
    public Entry<K, V> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Entry<K, V> current = requireNonNull(next);
      last = current.getKey();
      next = null;
      return current;
    }

    @Override
    public void remove() {
      if (last == null) {
        throw new IllegalStateException("next() was not called, or remove() was called twice");
      }
      var _ = parts.writes().remove(last);
      last = null;
    }
  }

  /** An entry whose setValue writes to the cache. */
  private final class WriteThrough extends SimpleEntry<K, V> {
    private static final long serialVersionUID = 1L;

    WriteThrough(K key, V value) {
      super(key, value);
    }

    @Override
    public V setValue(V value) {
      var _ = put(getKey(), value);
      return super.setValue(value);
    }
  }
}
