package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.DeviceException;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.MemoryTier;
import java.lang.System.Logger.Level;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * What one cache is made of, and what concerns all of it.
 *
 * @param tiers where values are
 * @param values how they are encoded
 * @param fetches reads
 * @param writes writes
 * @param loads loads
 * @param leases long reads
 * @param stats Caffeine's statistics
 */
record Parts<K, V>(
    Tiers<K> tiers,
    Values<V> values,
    Fetches<K> fetches,
    Writes<K, V> writes,
    Loads<K, V> loads,
    Leases<K> leases,
    StatsCounter stats) {

  private static final System.Logger LOG = System.getLogger("dev.carafe");

  Figures figures() {
    return new Figures(tiers, leases.gate().isClosed());
  }

  boolean isRecordingStats() {
    return stats != StatsCounter.disabledStatsCounter();
  }

  /** A read that neither counts nor moves anything. */
  @SuppressWarnings("unchecked")
  @Nullable V quietly(K key) {
    int pass = leases.gate().enter();
    try {
      Object seen = fetches.peek(key, values.decoder);
      return seen == Fetches.MISS ? null : (V) seen;
    } finally {
      leases.gate().exit(pass);
    }
  }

  /** The keys of this moment, from all places. */
  Collection<K> keys() {
    int pass = leases.gate().enter();
    try {
      return tiers.keys();
    } finally {
      leases.gate().exit(pass);
    }
  }

  void clear() {
    int pass = leases.gate().enter();
    try {
      tiers.clear();
    } finally {
      leases.gate().exit(pass);
    }
  }

  void cleanUp() {
    int pass = leases.gate().enter();
    try {
      tiers.relieve();
    } finally {
      leases.gate().exit(pass);
    }
  }

  void flush() {
    int pass = leases.gate().enter();
    try {
      FileTier file = tiers.file;
      if (file != null) {
        tiers.persistAll();
        file.flush();
      }
    } finally {
      leases.gate().exit(pass);
    }
  }

  /** Nobody comes in, all leave, the file gets what memory has, and both are given back. */
  void close() {
    if (!leases.gate().closeAndAwait()) {
      return;
    }
    MemoryTier memory = tiers.memory;
    FileTier file = tiers.file;
    try {
      if (file != null) {
        tiers.persistAll();
      }
    } catch (DeviceException e) {
      LOG.log(Level.WARNING, "what only memory had is lost: " + e.getMessage());
    } finally {
      tiers.releaseAll();
      try {
        if (file != null) {
          file.close();
        }
      } finally {
        memory.close();
      }
    }
  }
}
