package dev.carafe.cache;

import dev.carafe.FileOptions.Persist;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.MemoryTier;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Removes records of the file that expire later than their values in memory, since a read or the
 * application has shortened the value's lifetime. Otherwise such a record would be read after the
 * value has expired (contract R6).
 *
 * @param <K> keys
 */
final class StaleRecords<K> {
  private final @Nullable FileTier file;
  private final KeyLocks locks;
  private final KeyEncoder<K> keys;
  private final MemoryTier memory;
  private final DirtyEntries<K> dirty;

  StaleRecords(CacheStorage storage, CacheState<K> cache, DirtyEntries<K> dirty) {
    this.file = storage.file;
    this.locks = storage.locks;
    this.keys = cache.keys();
    this.memory = storage.memory;
    this.dirty = dirty;
  }

  /**
   * Removes the record, and adds the entry to the dirty entries, so that the value is written with
   * its new expiration time.
   *
   * <p>It only tries the key's lock, as {@link Publication#promote} does. If another thread holds
   * it, the next read tries again.
   */
  void remove(K key, Entry entry) {
    ReentrantLock lock = locks.of(key);
    if (file == null || !lock.tryLock()) {
      return;
    }
    try {
      if (memory.generation().isLive(entry) && entry.clearShortened()) {
        var _ = file.remove(keys.of(key), false);
        dirty.add(key, entry, Persist.EVICTIONS);
      }
    } finally {
      lock.unlock();
    }
  }
}
