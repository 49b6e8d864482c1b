package dev.carafe.jcache;

import static java.util.Objects.requireNonNull;

import javax.cache.integration.CacheLoader;
import javax.cache.processor.MutableEntry;
import org.jspecify.annotations.Nullable;

/** The entry that a processor gets. It records changes, which are applied when it returns. */
final class ProcessedEntry<K, V> implements MutableEntry<K, V> {
  /** The change to apply. */
  enum Action {
    /** Nothing. */
    NONE,
    /** The value was read. */
    READ,
    /** The value was missing and was loaded. */
    LOADED,
    /** A value was set for an absent key. */
    CREATED,
    /** A present value was replaced. */
    UPDATED,
    /** The entry was removed. */
    DELETED
  }

  private final K key;
  private final boolean existed;
  private @Nullable V value;
  private @Nullable CacheLoader<K, V> loader;
  private Action action = Action.NONE;

  ProcessedEntry(K key, @Nullable V value, @Nullable CacheLoader<K, V> loader) {
    this.key = key;
    this.existed = value != null;
    this.value = value;
    this.loader = loader;
  }

  Action action() {
    return action;
  }

  @Override
  public K getKey() {
    return key;
  }

  @Override
  public boolean exists() {
    return value != null;
  }

  @Override
  @SuppressWarnings("NullAway") // JSR-107 returns null for a missing value
  public V getValue() {
    CacheLoader<K, V> from = loader;
    if (action == Action.NONE && value != null) {
      action = Action.READ;
    } else if (action == Action.NONE && from != null) {
      loader = null;
      value = from.load(key);
      action = value == null ? Action.NONE : Action.LOADED;
    }
    return value;
  }

  @Override
  public void setValue(V fresh) {
    value = requireNonNull(fresh, "value");
    action = existed ? Action.UPDATED : Action.CREATED;
  }

  @Override
  public void remove() {
    value = null;
    action = action == Action.CREATED ? Action.NONE : Action.DELETED;
  }

  @Override
  public <T> T unwrap(Class<T> type) {
    return Unwrapping.unwrap(type, this);
  }
}
