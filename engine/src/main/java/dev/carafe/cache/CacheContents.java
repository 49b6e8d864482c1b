package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.MemoryTier;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * All entries at once: listed, persisted, cleared, let go of.
 *
 * @param <K> keys
 */
final class CacheContents<K> {
  private final Tiers<K> tiers;
  private final HeapIndex<K> index;
  private final Spill<K> spill;
  private final MemoryTier memory;
  private final @Nullable FileTier file;

  CacheContents(Tiers<K> tiers, HeapIndex<K> index, Spill<K> spill) {
    this.tiers = tiers;
    this.index = index;
    this.spill = spill;
    this.memory = tiers.memory;
    this.file = tiers.file;
  }

  /**
   * Brings everything that is live to the file (D2, D1). Too large a value stays behind.
   *
   * @throws dev.carafe.DeviceException if the file can't take it
   */
  void persistAll() {
    if (file != null) {
      file.tryAgain();
      for (var live : index.entries().entrySet()) {
        spill.persist(live.getKey(), live.getValue());
      }
      spill.settleAll(); // after the index: what slipped out of it meanwhile is found here
    }
  }

  /**
   * Empties all places; no write of any key is under way meanwhile. Where listeners are told, what
   * only the file has is read for them.
   */
  void clear() {
    tiers.locks.lockAll();
    try {
      if (tiers.removals.hasListeners()) {
        expirations().keySet().forEach(this::notifyCleared);
      }
      tiers.flights.supersedeAll(RemovalCause.EXPLICIT); // first, as where one key is removed
      for (K key : index.entries().keySet()) {
        var _ = tiers.changes.supersede(key, tiers.findQuietly(key));
        Entry old = index.remove(key);
        if (old != null) {
          tiers.counters.invalidated.increment();
          var _ = memory.release(old);
        }
      }
      spill.releaseAll();
      if (file != null) {
        file.clear();
      }
    } finally {
      tiers.locks.unlockAll();
    }
  }

  /** Takes out of memory what expires and stands in the file as it is. */
  void dropTimedCopies() {
    for (Entry entry : index.entries().values()) {
      if (entry.expiresAtNanos() != Expiration.NEVER && entry.isCurrent()) {
        tiers.demotion.demote(entry);
      }
    }
  }

  private void notifyCleared(K key) {
    byte[] value = tiers.tracker.copyOf(key, tiers.keyBytes(key));
    if (value != null) {
      tiers.removals.notifyRemoved(key, value.length, value, RemovalCause.EXPLICIT);
    }
  }

  /** For close: lets go of every entry, without touching the file. */
  void releaseAll() {
    index.cleanUp(); // Caffeine's views do not show what has expired
    for (K key : index.entries().keySet()) {
      Entry old = index.remove(key);
      if (old != null) {
        var _ = memory.release(old);
      }
    }
    spill.releaseAll();
  }

  /** What was evicted and is not settled. */
  Collection<Entry> waiting() {
    return spill.entries();
  }

  /**
   * The keys of this moment, and when their values end: those of memory first, then those that only
   * the file has. A key that has a value all the time is among them.
   */
  Map<K, Long> expirations() {
    Map<K, Long> ends = new LinkedHashMap<>();
    tiers.walks.begin();
    try {
      index.entries().forEach((key, entry) -> addExpiration(ends, key, entry));
      spill.keys().forEach(key -> addExpiration(ends, key, spill.get(key)));
      forEachFileKey(ends::putIfAbsent);
      for (K key : tiers.walks.movedUp()) {
        addExpiration(ends, key, tiers.findQuietly(key));
        ends.putIfAbsent(key, Expiration.NEVER); // down again, or gone: told when its turn comes
      }
    } finally {
      tiers.walks.end();
    }
    return ends;
  }

  private void addExpiration(Map<K, Long> ends, K key, @Nullable Entry entry) {
    if (entry != null && !tiers.expiration.isExpired(entry.expiresAtNanos())) {
      ends.putIfAbsent(key, entry.expiresAtNanos());
    }
  }

  /** The file's keys that the codec can read, and when their values end. */
  private void forEachFileKey(BiConsumer<K, Long> visitor) {
    if (file != null) {
      file.forEachKey((bytes, hash, expiresAtNanos) -> {
        K key = tiers.keys.decode(bytes);
        if (key != null) {
          visitor.accept(key, expiresAtNanos);
        }
      });
    }
  }
}
