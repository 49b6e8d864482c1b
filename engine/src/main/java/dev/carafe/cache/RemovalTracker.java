package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileValue;
import dev.carafe.tier.MemoryTier;
import org.jspecify.annotations.Nullable;

/**
 * Whether a value that leaves a place leaves the cache, and what is told of it then.
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

  /** A copy of the value that is about to go, if anybody is to be told of it. */
  byte @Nullable [] copyOf(K key, @Nullable FileKey bytes) {
    if (!removals.hasListeners()) {
      return null;
    }
    Entry entry = tiers.findQuietly(key);
    Object seen = entry == null ? MemoryTier.GONE : memory.read(entry, RemovalNotifier.COPY);
    if (seen instanceof byte[] value) {
      return value;
    }
    if (bytes == null || !tiers.mayBeOnFile(bytes)) {
      return null;
    }
    try (FileValue found = tiers.readFile(bytes)) {
      return found == null ? null : RemovalNotifier.COPY.apply(found.value());
    }
  }

  /** Without a file, a value that was evicted while it was being replaced has been told already. */
  void notifyRemoved(K key, byte @Nullable [] before, @Nullable Entry old, RemovalCause cause) {
    if (before != null && (tiers.file != null || old != null)) {
      try {
        removals.notifyRemoved(key, before.length, before, cause);
      } catch (Throwable t) {
        removals.errors().report("listeners were not told of a value that left", t);
      }
    }
  }

  /**
   * An entry leaves the cache, not only memory; its chunk is still there. Throws nothing, as the
   * caller gives the chunk back afterwards.
   */
  void entryRemoved(Entry entry, RemovalCause cause) {
    @SuppressWarnings("unchecked")
    K key = (K) entry.key();
    try {
      Object value = removals.hasListeners() ? memory.read(entry, RemovalNotifier.COPY) : null;
      removals.notifyRemoved(
          key, entry.valueBytes(), value instanceof byte[] copy ? copy : null, cause);
    } catch (Throwable t) {
      removals.errors().report("listeners were not told of a value that left", t);
    }
  }

  /**
   * A record left the file by itself, and with it the value, unless memory or a newer record has
   * it.
   */
  void recordRemoved(K key, int valueBytes, byte @Nullable [] value, RemovalCause cause) {
    if (tiers.findQuietly(key) == null && !tiers.mayBeOnFile(tiers.keyBytes(key))) {
      removals.notifyRemoved(key, valueBytes, value, cause);
    }
  }
}
