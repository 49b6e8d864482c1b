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
  private final Tiers<K> tiers;
  private final RemovalNotifier<K, ?> removals;
  private final MemoryTier memory;

  RemovalTracker(Tiers<K> tiers) {
    this.tiers = tiers;
    this.removals = tiers.removals;
    this.memory = tiers.memory;
  }

  /**
   * Returns a copy of the value that is about to be removed; null if there is no listener or no
   * value.
   */
  byte @Nullable [] copyOf(K key, @Nullable FileKey bytes) {
    if (!removals.hasListeners()) {
      return null;
    }
    Entry entry = tiers.findQuietly(key);
    Object seen =
        entry == null ? MemoryTier.STALE : memory.reads().read(entry, RemovalNotifier.COPY);
    if (seen instanceof byte[] value) {
      return value;
    }
    if (bytes == null || !tiers.mayBeInFile(bytes)) {
      return null;
    }
    try (FileValue found = tiers.readFile(bytes)) {
      return found == null ? null : RemovalNotifier.COPY.apply(found.value());
    }
  }

  /**
   * Notifies the listeners of a replaced or removed value. Without a file, they have already been
   * notified of a value that was evicted while it was being replaced.
   */
  void notifyRemoved(K key, byte @Nullable [] before, boolean wasInMemory, RemovalCause cause) {
    if (before != null && (tiers.file != null || wasInMemory)) {
      try {
        removals.notifyRemoved(key, before.length, before, cause);
      } catch (Throwable t) {
        removals.errors().report("removal listeners were not notified of a removed value", t);
      }
    }
  }

  /**
   * Notifies the listeners of an entry that leaves the cache, not only memory. Its chunk is not yet
   * freed. Throws nothing, since the caller frees the chunk afterwards.
   */
  void entryRemoved(Entry entry, RemovalCause cause) {
    if (!removals.isInterested()) {
      return;
    }
    try {
      boolean listened = removals.hasListeners();
      Object seen =
          memory.reads().read(entry, listened ? RemovalNotifier.COPY : RemovalNotifier.LENGTH);
      K key = listened ? tiers.keyOf(entry) : null;
      if (seen instanceof Integer bytes) {
        removals.countRemoved(bytes, cause);
      } else if (seen instanceof byte[] copy) {
        removals.notifyRemoved(key, copy.length, copy, cause);
      }
    } catch (Throwable t) {
      removals.errors().report("removal listeners were not notified of a removed value", t);
    }
  }

  /**
   * Notifies the listeners of a record that the file dropped, unless memory or a newer record holds
   * a value of the key. If the value expired in both tiers, its removal from memory notifies them.
   */
  void recordRemoved(K key, int valueBytes, byte @Nullable [] value, RemovalCause cause) {
    if (tiers.findQuietly(key) != null || tiers.mayBeInFile(tiers.keyBytes(key))) {
      return;
    }
    tiers.index().evictExpired(tiers.lookup.probe(key));
    if (!tiers.isWaiting(key)) {
      removals.notifyRemoved(key, valueBytes, value, cause);
    }
  }
}
