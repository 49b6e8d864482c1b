package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.carafe.base.StackReserve;
import dev.carafe.spi.Timing;
import dev.carafe.tier.Entry;
import dev.carafe.tier.EntryWeigher;
import dev.carafe.tier.MemoryTier;
import dev.carafe.tier.RecentReads;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The index of the memory tier: a Caffeine cache, which selects the entries to evict by weight,
 * frequency and expiry.
 *
 * <p>{@link Maintenance} selects the thread that evicts. Caffeine calls the eviction listener on
 * that thread, under its eviction lock and the key's bin lock, before it removes the mapping, and
 * blocks writers of the key until the listener returns. So the listener only moves the entry to the
 * spill. Caffeine does not call it for replaced and invalidated entries, which {@link #put} and
 * {@link #remove} return.
 *
 * @param <K> keys
 */
final class HeapIndex<K> {
  private final Cache<K, Entry> cache;
  private final ConcurrentMap<K, Entry> map;
  private final Maintenance maintenance;
  private final EntryWeigher weigher;
  private final @Nullable RecentReads recent;
  private final LongSupplier entryCount = this::count; // reads and evictions allocate nothing

  HeapIndex(
      MemoryTier memory,
      long maximumWeightBytes,
      EntryWeigher weigher,
      @Nullable Expiry<K, Entry> expiry,
      Timing timing,
      Ticker ticker,
      Maintenance maintenance,
      BiConsumer<Entry, RemovalCause> evicted) {
    this.maintenance = maintenance;
    this.weigher = weigher;
    this.recent = memory.reads().recentReads();
    Caffeine<K, Entry> builder =
        Caffeine.newBuilder()
            .executor(maintenance)
            .maximumWeight(maximumWeightBytes)
            .<K, Entry>weigher((key, entry) -> weigher.weigh(entry))
            .evictionListener((key, entry, cause) -> {
              if (key != null && entry != null) {
                evicted.accept(entry, cause); // first: if it does not run, the entry is lost (F5)
                if (recent != null) {
                  recent.countEviction(entryCount);
                }
              }
            });
    if (expiry != null) {
      builder.expireAfter(expiry).ticker(ticker);
      if (timing.scheduler() != null) {
        builder.scheduler(timing.scheduler());
      }
    }
    this.cache = builder.build();
    this.map = cache.asMap();
  }

  /** Returns the key's entry and records the read for the policy. */
  @Nullable Entry get(K key) {
    StackReserve.check(StackReserve.MEMORY_KIB); // Caffeine may run its maintenance
    Entry entry = cache.getIfPresent(key);
    if (entry != null && recent != null) {
      recent.countRead(entryCount);
    }
    return entry;
  }

  /** Returns the key's entry without recording the read. */
  @Nullable Entry getQuietly(K key) {
    return cache.policy().getIfPresentQuietly(key);
  }

  /**
   * Removes an evicted entry whose mapping Caffeine kept, because the heap was full at the end of
   * the eviction.
   *
   * @return the key's entry now
   */
  @Nullable Entry dropReleased(K key, Entry entry) {
    maintenance.beginWrite();
    try {
      var _ = map.remove(key, entry);
      return getQuietly(key);
    } finally {
      maintenance.endWrite();
    }
  }

  /**
   * Publishes an entry, which may be evicted before this returns.
   *
   * @return the replaced entry, which the caller releases
   */
  @Nullable Entry put(K key, Entry entry) {
    maintenance.beginWrite();
    try {
      return map.put(key, entry);
    } finally {
      maintenance.endWrite();
    }
  }

  /**
   * Removes a key.
   *
   * @return its entry, which the caller releases
   */
  @Nullable Entry remove(K key) {
    maintenance.beginWrite();
    try {
      return map.remove(key);
    } finally {
      maintenance.endWrite();
    }
  }

  /** Removes an entry like an eviction: readers find it here until the listener has moved it. */
  void evict(K key, Entry entry, Runnable listener) {
    maintenance.beginWrite();
    try {
      map.computeIfPresent(
          key,
          (k, current) -> {
            if (current != entry) {
              return current;
            }
            listener.run();
            return null;
          });
    } finally {
      maintenance.endWrite();
    }
  }

  /** Evicts the entry of the key if it has expired. The eviction listener queues it then. */
  void evictExpired(K key) {
    maintenance.beginWrite();
    try {
      Object nothing = MemoryTier.STALE; // equals no entry, so that one that is live stays
      var _ = map.remove(key, nothing);
    } finally {
      maintenance.endWrite();
    }
  }

  /** Returns the entries. Iteration is weakly consistent and records no reads. */
  ConcurrentMap<K, Entry> entries() {
    return map;
  }

  /** Returns Caffeine's eviction policy. */
  Policy.Eviction<K, Entry> eviction() {
    return cache.policy().eviction().orElseThrow();
  }

  /** Changes the expiration of a present entry. */
  void expireAfter(K key, long nanos) {
    cache
        .policy()
        .expireVariably()
        .ifPresent(policy -> policy.setExpiresAfter(key, Math.max(0, nanos), TimeUnit.NANOSECONDS));
  }

  /** Returns what an entry weighs for the policy. */
  int weightOf(Entry entry) {
    return weigher.weigh(entry);
  }

  void cleanUp() {
    cache.cleanUp();
  }

  long count() {
    return cache.estimatedSize();
  }
}
