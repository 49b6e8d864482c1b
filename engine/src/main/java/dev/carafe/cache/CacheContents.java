package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.MemoryTier;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Operations on all entries: list, persist, clear and release.
 *
 * @param <K> keys
 */
final class CacheContents<K> {
  private final Tiers<K> tiers;
  private final HeapIndex<K> index;
  private final SpillWriter<K> spillWriter;
  private final ClearedEntries cleared;
  private final MemoryTier memory;
  private final @Nullable FileTier file;

  CacheContents(Tiers<K> tiers) {
    this.tiers = tiers;
    this.index = tiers.index;
    this.spillWriter = tiers.writer;
    this.cleared = tiers.demotion.cleared();
    this.memory = tiers.storage.memory;
    this.file = tiers.storage.file;
  }

  /**
   * Writes all live values to the file (D2, D1). Values that are too large for the file stay in
   * memory.
   *
   * @throws dev.carafe.DeviceException if the file can't store a value
   */
  void persistAll() {
    if (file != null) {
      file.retryFailedWrites();
      index.entries().forEach(spillWriter::persist);
      // after the index, so that the entries are included that were evicted meanwhile
      spillWriter.settleAll();
    }
  }

  /**
   * Removes all entries from index, spill and file, in constant time: {@link ClearedEntries} has
   * those of the index then. All key locks are held, so no key is written meanwhile. If there are
   * listeners, all values are read for them.
   */
  void clear() {
    cleared.releaseAll();
    tiers.storage.locks.lockAll();
    try {
      cleared.releaseAll(); // of a clear that began meanwhile: there are at most two generations
      if (tiers.cache.removals().hasListeners()) {
        expirations().keySet().forEach(this::notifyCleared);
      }
      // first, as in the removal of one key
      tiers.cache.flights().supersedeAll(RemovalCause.EXPLICIT);
      cleared.add(index.clear());
      memory.generation().end();
      memory.reads().clearRecentReads();
      spillWriter.releaseAll();
      if (file != null) {
        file.clear(tiers.storage.number);
        file.capacity().reclaimDead();
      }
      tiers.accesses.cleared();
    } finally {
      tiers.storage.locks.unlockAll();
    }
    cleared.releaseSome();
  }

  /** Drops the entries from memory that expire and whose values the file holds. */
  void dropTimedCopies() {
    for (Entry entry : index.entries()) {
      if (entry.expiresAtNanos() != Expiration.NEVER && entry.isRecordCurrent()) {
        tiers.demotion.demote(entry);
      }
    }
  }

  private void notifyCleared(K key) {
    byte[] value = tiers.tracker.copyOf(key, tiers.keyBytes(key));
    if (value != null) {
      tiers.cache.removals().notifyRemoved(key, value.length, value, RemovalCause.EXPLICIT);
    }
  }

  /** Releases every entry without a change of the file. For {@code close()}. */
  void releaseAll() {
    cleared.releaseAll();
    index.cleanUp(); // Caffeine's views hide expired entries
    for (Entry entry : index.entries()) {
      if (index.remove(entry)) {
        var _ = memory.release(entry, null);
      }
    }
    spillWriter.releaseAll();
  }

  /**
   * Returns the current keys and the expiration times of their values: first the keys in memory,
   * then those that are only in the file. A key that has a value during the whole call is included.
   */
  Map<K, Long> expirations() {
    Map<K, Long> expirations = new LinkedHashMap<>();
    tiers.cache.iterations().begin();
    try {
      index.entries().forEach(entry -> addExpiration(expirations, entry));
      tiers.storage.spill.forEach(entry -> addExpiration(expirations, entry));
      forEachFileKey(expirations::putIfAbsent);
      for (K key : tiers.cache.iterations().overwrittenKeys()) {
        Entry entry = tiers.entries.findQuietly(key);
        if (entry != null) {
          expirations.putIfAbsent(key, entry.expiresAtNanos());
        }
        expirations.putIfAbsent(key, Expiration.NEVER); // demoted or removed: the iterator checks
      }
    } finally {
      tiers.cache.iterations().end();
    }
    return expirations;
  }

  private void addExpiration(Map<K, Long> expirations, Entry entry) {
    K key =
        tiers.cache.expiration().isExpired(entry.expiresAtNanos())
            ? null
            : tiers.cache.lookup().keyOf(entry);
    if (key != null) {
      expirations.putIfAbsent(key, entry.expiresAtNanos());
    }
  }

  /** Visits the file's keys that the codec can decode, and the expiration times of their values. */
  private void forEachFileKey(BiConsumer<K, Long> visitor) {
    if (file != null) {
      file.forEachKey(
          tiers.storage.number,
          (bytes, hash, expiresAtNanos) -> {
            K key = tiers.cache.keys().decode(bytes);
            if (key != null) {
              visitor.accept(key, expiresAtNanos);
            }
          });
    }
  }
}
