package dev.carafe.cache.keyed;

import java.util.AbstractSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A view of a set with the application's keys. Two keys are equal if their bytes are equal,
 * regardless of their {@code equals}.
 *
 * @param <K> the application's keys
 */
final class KeyedSet<K> extends AbstractSet<K> {
  private final KeyCodec<K> keys;
  private final Set<? extends Key<K>> inner;
  private final Function<Key<K>, K> unwrap;

  KeyedSet(KeyCodec<K> keys, Set<? extends Key<K>> inner, Function<Key<K>, K> unwrap) {
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
  public boolean contains(@Nullable Object object) {
    Key<K> key = object == null ? null : keys.keyOrNull(object);
    return key != null && inner.contains(key);
  }

  @Override
  public boolean remove(@Nullable Object object) {
    Key<K> key = object == null ? null : keys.keyOrNull(object);
    return key != null && inner.remove(key);
  }

  @Override
  public boolean removeAll(Collection<?> objects) {
    return inner.removeAll(keysOf(objects));
  }

  @Override
  public boolean retainAll(Collection<?> objects) {
    return inner.retainAll(keysOf(objects));
  }

  private Set<Key<K>> keysOf(Collection<?> objects) {
    Set<Key<K>> of = new HashSet<>();
    for (Object object : objects) {
      Key<K> key = object == null ? null : keys.keyOrNull(object);
      if (key != null) {
        of.add(key);
      }
    }
    return of;
  }

  @Override
  public boolean removeIf(Predicate<? super K> filter) {
    return inner.removeIf(key -> filter.test(unwrap.apply(key)));
  }

  @Override
  public void clear() {
    inner.clear();
  }

  @Override
  public Iterator<K> iterator() {
    return new MappingIterator<>(inner.iterator(), unwrap);
  }

  @Override
  public Spliterator<K> spliterator() {
    return Spliterators.spliteratorUnknownSize(
        iterator(), Spliterator.DISTINCT | Spliterator.NONNULL);
  }

  /** An iterator that converts its elements for the application. */
  record MappingIterator<E, T>(Iterator<? extends E> each, Function<? super E, T> mapper)
      implements Iterator<T> {
    @Override
    public boolean hasNext() {
      return each.hasNext();
    }

    @Override
    public T next() {
      return mapper.apply(each.next());
    }

    @Override
    public void remove() {
      each.remove();
    }
  }
}
