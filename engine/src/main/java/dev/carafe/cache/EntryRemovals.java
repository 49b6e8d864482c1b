package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.tier.Entry;
import dev.carafe.tier.MemoryTier;

/**
 * Notifies the removal listeners of entries that leave memory and whose values are in no other
 * tier.
 *
 * @param <K> keys
 */
final class EntryRemovals<K> {
  private final RemovalNotifier<K, ?> removals;
  private final EntryLookup<K> lookup;
  private final MemoryTier memory;

  EntryRemovals(CacheStorage storage, CacheState<K> cache) {
    this.removals = cache.removals();
    this.lookup = cache.lookup();
    this.memory = storage.memory;
  }

  /**
   * Notifies the listeners of an entry that leaves the cache, not only memory. Its chunk is not yet
   * freed. Throws nothing, since the caller frees the chunk afterwards.
   */
  void entryRemoved(Entry entry, RemovalCause cause) {
    if (!removals.hasListenersOrStats()) {
      return;
    }
    try {
      boolean listened = removals.hasListeners();
      Object seen =
          memory.reads().read(entry, listened ? RemovalNotifier.COPY : RemovalNotifier.LENGTH);
      K key = listened ? lookup.keyOf(entry) : null;
      if (seen instanceof Integer bytes) {
        removals.countRemoved(bytes, cause);
      } else if (seen instanceof byte[] copy) {
        removals.notifyRemoved(key, copy.length, copy, cause);
      }
    } catch (Throwable t) {
      removals.errors().report("removal listeners were not notified of a removed value", t);
    }
  }
}
