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
import dev.carafe.tier.MemoryTier;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Caffeine as the index of the memory tier: it decides what stays, by weight, frequency and expiry.
 *
 * <p>{@link Maintenance} says which thread evicts. The eviction listener runs there: Caffeine calls
 * it under its eviction lock and the key's bin lock, before the mapping is gone, and holds back
 * writers of that key until it returns. So the listener only moves the entry to where readers look
 * next, and does nothing slow. Replaced and invalidated entries do not come by the listener;
 * whoever replaced them has them in hand.
 *
 * @param <K> keys
 */
final class HeapIndex<K> {
  private final Cache<K, Entry> cache;
  private final ConcurrentMap<K, Entry> map;
  private final Maintenance maintenance;

  /** Not with expiry, where each read is looked at by the clock. */
  private final @Nullable RecentReads<K> recent;

  HeapIndex(
      long maximumWeightBytes,
      @Nullable Expiry<K, Entry> expiry,
      Timing timing,
      Ticker ticker,
      Maintenance maintenance,
      BiConsumer<Entry, RemovalCause> evicted) {
    this.maintenance = maintenance;
    this.recent = expiry == null ? new RecentReads<>(this::count) : null;
    Caffeine<K, Entry> builder =
        Caffeine.newBuilder()
            .executor(maintenance)
            .maximumWeight(maximumWeightBytes)
            .<K, Entry>weigher((key, entry) -> MemoryTier.weightBytes(entry))
            .evictionListener((key, entry, cause) -> {
              if (key != null && entry != null) {
                if (recent != null) {
                  recent.evicted(key, entry);
                }
                evicted.accept(entry, cause);
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

  /** Looks at the key's value if the policy has seen a read of it lately; else it is GONE. */
  @Nullable Object readRecent(
      K key,
      MemoryTier memory,
      Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    return recent == null ? MemoryTier.GONE : recent.read(key, memory, reader);
  }

  /** A read, recorded for the policy. */
  @Nullable Entry get(K key) {
    StackReserve.check(StackReserve.MEMORY_KIB); // Caffeine may do its maintenance
    Entry entry = cache.getIfPresent(key);
    if (entry != null && recent != null) {
      recent.add(key, entry);
    }
    return entry;
  }

  /**
   * An entry that leaves, or is about to be replaced, need not be found by the shortcut.
   *
   * @return whether it was
   */
  boolean forgetRecent(K key, Entry entry) {
    return recent != null && recent.forget(key, entry);
  }

  /** A read that the policy does not see. */
  @Nullable Entry getQuietly(K key) {
    return cache.policy().getIfPresentQuietly(key);
  }

  /**
   * Removes an entry that was evicted, and that Caffeine kept because the heap was full when its
   * eviction ended.
   *
   * @return what the key has now
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
   * @param wasRecent whether the shortcut led to what it replaces, and shall lead to it
   * @return the entry it replaced, now the caller's to release
   */
  @Nullable Entry put(K key, Entry entry, boolean wasRecent) {
    maintenance.beginWrite();
    try {
      Entry old = map.put(key, entry);
      if (wasRecent && recent != null && entry.isLive()) {
        recent.remember(key, entry);
      }
      return old;
    } finally {
      maintenance.endWrite();
    }
  }

  /**
   * Takes a key out.
   *
   * @return its entry, now the caller's to release
   */
  @Nullable Entry remove(K key) {
    maintenance.beginWrite();
    try {
      return map.remove(key);
    } finally {
      maintenance.endWrite();
    }
  }

  /**
   * Takes an entry out as an eviction does: whoever looks finds it here, or where the listener put
   * it.
   */
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

  /** What the shortcut leads to. */
  void forEachRecent(Consumer<Entry> visitor) {
    if (recent != null) {
      recent.forEach(visitor);
    }
  }

  /** Weakly consistent, and not seen by the policy when iterated. */
  ConcurrentMap<K, Entry> entries() {
    return map;
  }

  /** What stays, as Caffeine decides it. */
  Policy.Eviction<K, Entry> eviction() {
    return cache.policy().eviction().orElseThrow();
  }

  /** Moves the end of an entry that is there. */
  void expireAfter(K key, long nanos) {
    cache
        .policy()
        .expireVariably()
        .ifPresent(policy -> policy.setExpiresAfter(key, Math.max(0, nanos), TimeUnit.NANOSECONDS));
  }

  void cleanUp() {
    cache.cleanUp();
  }

  long count() {
    return cache.estimatedSize();
  }
}
