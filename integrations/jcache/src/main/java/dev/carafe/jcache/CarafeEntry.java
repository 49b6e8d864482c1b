package dev.carafe.jcache;

import javax.cache.Cache;

/**
 * A snapshot of an entry.
 *
 * @param <K> keys
 * @param <V> values
 */
public final class CarafeEntry<K, V> implements Cache.Entry<K, V> {
  private final K key;
  private final V value;

  CarafeEntry(K key, V value) {
    this.key = key;
    this.value = value;
  }

  @Override
  public K getKey() {
    return key;
  }

  @Override
  public V getValue() {
    return value;
  }

  @Override
  public <T> T unwrap(Class<T> type) {
    return Unwrapping.unwrap(type, this);
  }

  @Override
  public String toString() {
    return key + "=" + value;
  }
}
