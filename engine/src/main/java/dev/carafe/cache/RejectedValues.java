package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.cache.Values.TooLarge;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileTier;
import org.jspecify.annotations.Nullable;

/**
 * Values that are not stored because no tier can hold them, or because their load was superseded.
 *
 * <p>Proved by {@code TooLargeTest}.
 *
 * @param <K> keys
 * @param <V> values
 */
final class RejectedValues<K, V> {
  private final Publication<K> publication;
  private final RemovalNotifier<K, V> removals;

  @SuppressWarnings("unchecked")
  RejectedValues(Publication<K> publication) {
    this.publication = publication;
    this.removals = (RemovalNotifier<K, V>) publication.tiers().cache.removals();
  }

  /**
   * Handles a value that no tier can hold. It replaces the key's value and is evicted at once, like
   * an entry that weighs more than Caffeine's maximum.
   *
   * @param load the load of the value, which found no value to replace; null for a put
   */
  void reject(K key, @Nullable FileKey bytes, TooLarge tooLarge, @Nullable Load load) {
    FileTier keeping = publication.tiers().keepingFile();
    if (keeping != null && load == null) {
      throw keeping.capacity().refused(tooLarge.valueBytes());
    }
    Counters counters = publication.tiers().cache.counters();
    counters.puts.increment();
    counters.dropped.increment();
    counters.tooLarge.increment();
    if (load == null) {
      var _ = publication.storeInFile(key, bytes, null, Expiration.NEVER, null);
    }
    @SuppressWarnings("unchecked")
    V value = (V) tooLarge.value();
    removals.notifyEvictedOnWrite(key, tooLarge.valueBytes(), value);
  }

  /**
   * Notifies the removal listener of a value that was superseded before it was stored, as in
   * Caffeine.
   */
  void notifyDiscarded(K key, V value, RemovalCause cause) {
    removals.notifyDiscarded(key, value, cause);
  }
}
