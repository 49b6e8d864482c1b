package dev.carafe.cache;

import dev.carafe.FileOptions.Persist;
import dev.carafe.cache.EntryLookup.Probe;
import dev.carafe.tier.Entry;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Removes records of the file that expire later than their values in memory, since a read or the
 * application has shortened the value's lifetime. Otherwise such a record would be read after the
 * value has expired (contract R6).
 */
final class StaleRecords {
  private StaleRecords() {}

  /**
   * Returns the key's entry in the index. The policy records the read, which may shorten the
   * lifetime.
   */
  static <K> @Nullable Entry read(Tiers<K> tiers, K key, Probe<K> probe) {
    Entry entry = tiers.index().get(probe);
    if (entry != null && entry.isShortened()) {
      remove(tiers, key, entry);
    }
    return entry;
  }

  /**
   * Removes the record, and adds the entry to the dirty entries, so that the value is written with
   * its new expiration time.
   *
   * <p>It only tries the key's lock, as {@link Publication#promote} does. If another thread holds
   * it, the next read tries again.
   */
  static <K> void remove(Tiers<K> tiers, K key, Entry entry) {
    ReentrantLock lock = tiers.locks.of(key);
    if (tiers.file == null || !lock.tryLock()) {
      return;
    }
    try {
      if (entry.isLive() && entry.clearShortened()) {
        var _ = tiers.file.remove(tiers.keys().of(key), false);
        tiers.dirty.add(key, entry, Persist.EVICTIONS);
      }
    } finally {
      lock.unlock();
    }
  }
}
