package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.carafe.base.StackReserve;
import dev.carafe.cache.EntryLookup.Probe;
import dev.carafe.spi.Timing;
import dev.carafe.tier.Entry;
import dev.carafe.tier.EntryWeigher;
import dev.carafe.tier.MemoryTier;
import dev.carafe.tier.RecentReads;
import java.util.Collection;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The index of the memory tier: a Caffeine cache, which selects the entries to evict by weight,
 * frequency and expiry. Its keys and its values are the entries. Lookups use {@link Probe}s.
 *
 * <p>{@link MaintenanceExecutor} selects the thread that evicts. Caffeine calls the eviction
 * listener on that thread, under its eviction lock and the entry's bin lock, before it removes the
 * mapping. So the listener only moves the entry to the spill. Caffeine does not call it for entries
 * that {@link #remove} removes.
 *
 * @param <K> keys
 */
final class HeapIndex<K> {
  private final Caffeine<Object, Entry> builder;
  private volatile Contents contents;
  private volatile long maximumBytes;
  private final EntryLookup<K> lookup;
  private final MaintenanceExecutor maintenance;
  private final EntryWeigher weigher;

  /** The share of a store's memory; null for a cache with a memory of its own. */
  private final MemoryBudget.@Nullable Share share;

  private final @Nullable RecentReads recent;
  private final LongSupplier entryCount = this::count; // reads and evictions allocate nothing

  /** A Caffeine cache, and its methods as objects, so that a lookup allocates no lambda. */
  private record Contents(
      Cache<Object, Entry> cache,
      ConcurrentMap<Object, Entry> map,
      Function<Object, @Nullable Entry> recorded,
      Function<Object, @Nullable Entry> quiet) {
    Contents(Cache<Object, Entry> cache) {
      this(cache, cache.asMap(), cache::getIfPresent, cache.policy()::getIfPresentQuietly);
    }
  }

  HeapIndex(
      MemoryTier memory,
      EntryLookup<K> lookup,
      EntryWeigher weigher,
      MemoryBudget.@Nullable Share share,
      @Nullable Expiry<Object, Entry> expiry,
      Timing timing,
      Ticker ticker,
      MaintenanceExecutor maintenance,
      BiConsumer<Entry, RemovalCause> evicted) {
    this.lookup = lookup;
    this.maintenance = maintenance;
    this.weigher = weigher;
    this.share = share;
    this.recent = memory.reads().recentReads();
    this.maximumBytes = share == null ? weigher.maximumWeightBytes() : share.bytes();
    this.builder =
        Caffeine.newBuilder()
            .executor(maintenance)
            .maximumWeight(maximumBytes)
            .<Object, Entry>weigher((key, entry) -> weigher.weigh(entry))
            .evictionListener((key, entry, cause) -> {
              if (entry != null) {
                int weight = share == null ? 0 : weigher.weigh(entry);
                evicted.accept(entry, cause); // first: if it does not run, the entry is lost (F5)
                if (share != null && cause == RemovalCause.SIZE) {
                  share.countEviction(weight);
                }
                if (recent != null && cause == RemovalCause.SIZE) {
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
    this.contents = new Contents(builder.build());
  }

  /** Returns the key's entry and records the read for the policy. */
  @Nullable Entry get(Probe<K> probe) {
    StackReserve.check(StackReserve.MEMORY_KIB); // Caffeine may run its maintenance
    Entry entry = lookup.find(contents.recorded, probe);
    removeReleased(probe);
    if (entry != null && recent != null) {
      recent.countRead(entryCount);
    }
    return entry;
  }

  /** Returns the key's entry without recording the read. */
  @Nullable Entry getQuietly(Probe<K> probe) {
    Entry entry = lookup.find(contents.quiet, probe);
    removeReleased(probe);
    return entry;
  }

  /**
   * Removes a released entry that a lookup has met. Caffeine has kept it if the heap was full at
   * the end of the eviction.
   */
  private void removeReleased(Probe<K> probe) {
    Entry released = probe.released();
    if (released != null) {
      var _ = remove(released);
    }
  }

  /** Returns whether the index holds an entry that has not expired. */
  boolean contains(Entry entry) {
    return contents.cache.policy().getIfPresentQuietly(entry) == entry;
  }

  /** Publishes an entry, which may be evicted before this returns. */
  void put(Entry entry) {
    maintenance.beginWrite();
    try {
      var _ = contents.map.put(entry, entry);
    } finally {
      maintenance.endWrite();
    }
    if (share != null) {
      share.growIfEvicting();
    }
  }

  /**
   * Removes an entry.
   *
   * @return whether the index held it; if so, the caller releases it
   */
  boolean remove(Entry entry) {
    maintenance.beginWrite();
    try {
      return contents.map.remove(entry) != null;
    } finally {
      maintenance.endWrite();
    }
  }

  /** Removes an entry like an eviction: readers find it here until the listener has moved it. */
  void evict(Entry entry, Runnable listener) {
    maintenance.beginWrite();
    try {
      var _ =
          contents.map.computeIfPresent(
              entry,
              (key, current) -> {
                listener.run();
                return null;
              });
    } finally {
      maintenance.endWrite();
    }
  }

  /** Evicts the entry of the key if it has expired. The eviction listener queues it then. */
  void evictExpired(Probe<K> probe) {
    maintenance.beginWrite();
    try {
      Object nothing = MemoryTier.STALE; // equals no entry, so that one that is live stays
      var _ = contents.map.remove(probe, nothing);
    } finally {
      maintenance.endWrite();
    }
  }

  /**
   * Replaces the contents by none, in constant time. All key locks are held.
   *
   * @return the Caffeine cache with the entries until now, which the caller releases
   */
  Cache<Object, Entry> clear() {
    Contents empty = new Contents(builder.build());
    Cache<Object, Entry> old = contents.cache;
    contents = empty;
    eviction().setMaximum(maximumBytes);
    return old;
  }

  /** Returns the entries. Iteration is weakly consistent and records no reads. */
  Collection<Entry> entries() {
    return contents.map.values();
  }

  /** Returns Caffeine's eviction policy. */
  Policy.Eviction<Object, Entry> eviction() {
    return contents.cache.policy().eviction().orElseThrow();
  }

  /** Returns the sum of the weights of the entries. */
  long weightedBytes() {
    return eviction().weightedSize().orElse(0);
  }

  /** Changes the maximum weight. Entries above it are evicted on this thread. */
  void setMaximum(long bytes) {
    maximumBytes = bytes; // first, so that a replacement of the contents has it
    eviction().setMaximum(bytes);
  }

  /** Returns whether a store sets the maximum weight. */
  boolean isShared() {
    return share != null;
  }

  /** Changes the expiration of a present entry. */
  void expireAfter(Entry entry, long nanos) {
    contents
        .cache
        .policy()
        .expireVariably()
        .ifPresent(
            policy -> policy.setExpiresAfter(entry, Math.max(0, nanos), TimeUnit.NANOSECONDS));
  }

  /** Returns what an entry weighs for the policy. */
  int weightOf(Entry entry) {
    return weigher.weigh(entry);
  }

  void cleanUp() {
    contents.cache.cleanUp();
  }

  long count() {
    return contents.cache.estimatedSize();
  }
}
