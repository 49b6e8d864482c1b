package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileValue;
import dev.carafe.tier.MemoryTier;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a value that leaves memory or the file has left the cache, and notifies the
 * listeners of it.
 *
 * @param <K> keys
 */
final class RemovalTracker<K> {
  private final CacheStorage storage;
  private final MemoryEntries<K> entries;
  private final KeyEncoder<K> keys;
  private final RemovalNotifier<K, ?> removals;

  RemovalTracker(CacheStorage storage, CacheState<K> cache, MemoryEntries<K> entries) {
    this.storage = storage;
    this.entries = entries;
    this.keys = cache.keys();
    this.removals = cache.removals();
  }

  /**
   * Returns a copy of the value that is about to be removed; null if there is no listener or no
   * value.
   */
  byte @Nullable [] copyOf(K key, @Nullable FileKey bytes) {
    if (!removals.hasListeners()) {
      return null;
    }
    Entry entry = entries.findQuietly(key);
    Object seen =
        entry == null ? MemoryTier.STALE : storage.memory.reads().read(entry, RemovalNotifier.COPY);
    if (seen instanceof byte[] value) {
      return value;
    }
    if (bytes == null || !storage.mayBeInFile(bytes)) {
      return null;
    }
    try (FileValue found = storage.readFile(bytes)) {
      return found == null ? null : RemovalNotifier.COPY.apply(found.value());
    }
  }

  /**
   * Notifies the listeners of a replaced or removed value. Without a file, they have already been
   * notified of a value that was evicted while it was being replaced.
   */
  void notifyRemoved(K key, byte @Nullable [] before, boolean wasInMemory, RemovalCause cause) {
    if (before != null && (storage.file != null || wasInMemory)) {
      try {
        removals.notifyRemoved(key, before.length, before, cause);
      } catch (Throwable t) {
        removals.errors().report("removal listeners were not notified of a removed value", t);
      }
    }
  }

  /**
   * Notifies the listeners of a record that the file dropped, unless memory or a newer record holds
   * a value of the key. If the value expired in both tiers, its removal from memory notifies them.
   */
  void recordRemoved(K key, int valueBytes, byte @Nullable [] value, RemovalCause cause) {
    if (entries.findQuietly(key) != null || storage.mayBeInFile(keys.ofFile(key))) {
      return;
    }
    if (!entries.isSpilledAfterExpiry(key)) {
      removals.notifyRemoved(key, valueBytes, value, cause);
    }
  }
}
