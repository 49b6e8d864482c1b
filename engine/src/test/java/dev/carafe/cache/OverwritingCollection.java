package dev.carafe.cache;

import java.util.AbstractCollection;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;

/** A collection that overwrites key 1 when {@code contains} is called with an old value. */
final class OverwritingCollection<T> extends AbstractCollection<T> {
  private final Collection<T> elements;
  private final Map<Integer, String> map;

  OverwritingCollection(Collection<T> elements, Map<Integer, String> map) {
    this.elements = elements;
    this.map = map;
  }

  @Override
  public boolean contains(Object o) {
    boolean has = elements.contains(o);
    if (o.toString().contains("old")) {
      map.put(1, "new");
    }
    return has;
  }

  @Override
  public Iterator<T> iterator() {
    return elements.iterator();
  }

  @Override
  public int size() {
    return elements.size();
  }
}
