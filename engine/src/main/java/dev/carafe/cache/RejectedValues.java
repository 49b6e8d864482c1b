package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.cache.Values.TooLarge;
import dev.carafe.tier.FileKey;
import org.jspecify.annotations.Nullable;

/**
 * Values that are not kept because no tier can hold them, or because they came too late.
 *
 * <p>Proved by {@code TooLargeTest}.
 *
 * @param <K> keys
 * @param <V> values
 */
final class RejectedValues<K, V> {
  private final Tiers<K> tiers;
  private final RemovalNotifier<K, V> removals;

  @SuppressWarnings("unchecked")
  RejectedValues(Tiers<K> tiers) {
    this.tiers = tiers;
    this.removals = (RemovalNotifier<K, V>) tiers.removals;
  }

  /**
   * A value that no tier can hold replaces what the key had and is evicted at once, as Caffeine
   * does with an entry that weighs more than the maximum.
   *
   * @param load the load that made it, which found no value to replace; or null for a put
   */
  void reject(K key, @Nullable FileKey bytes, TooLarge tooLarge, @Nullable Load load) {
    tiers.counters.puts.increment();
    tiers.counters.dropped.increment();
    tiers.counters.tooLarge.increment();
    if (load == null) {
      var _ = tiers.storeOnFile(key, bytes, null, Expiration.NEVER, null);
    }
    @SuppressWarnings("unchecked")
    V value = (V) tooLarge.value();
    removals.notifyEvictedOnWrite(key, tooLarge.valueBytes(), value);
  }

  /** A value that was superseded before it got in: listeners are told, as in Caffeine. */
  void notifyDiscarded(K key, V value, RemovalCause cause) {
    removals.notifyDiscarded(key, value, cause);
  }
}
