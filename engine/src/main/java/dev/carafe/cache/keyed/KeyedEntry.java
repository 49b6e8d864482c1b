package dev.carafe.cache.keyed;

import com.github.benmanes.caffeine.cache.Policy.CacheEntry;
import java.util.AbstractMap.SimpleImmutableEntry;

/** A snapshot of an entry, with the application's key. */
final class KeyedEntry<K, V> extends SimpleImmutableEntry<K, V> implements CacheEntry<K, V> {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // snapshots are not serialized
  private final CacheEntry<Key<K>, V> entry;

  KeyedEntry(K key, CacheEntry<Key<K>, V> entry) {
    super(key, entry.getValue());
    this.entry = entry;
  }

  @Override
  public int weight() {
    return entry.weight();
  }

  @Override
  public long expiresAt() {
    return entry.expiresAt();
  }

  @Override
  public long refreshableAt() {
    return entry.refreshableAt();
  }

  @Override
  public long snapshotAt() {
    return entry.snapshotAt();
  }
}
