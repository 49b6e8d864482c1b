package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.Policy.CacheEntry;
import java.time.Duration;

/** An entry and its policy metadata at one reading of the ticker. */
record Snapshot<K, V>(
    K getKey, V getValue, int weight, long expiresAt, long refreshableAt, long snapshotAt)
    implements CacheEntry<K, V> {
  @Override
  public Duration expiresAfter() {
    return remaining(expiresAt);
  }

  @Override
  public Duration refreshableAfter() {
    return remaining(refreshableAt);
  }

  private Duration remaining(long at) {
    return Duration.ofNanos(at == Snapshots.NEVER ? Snapshots.NEVER : at - snapshotAt);
  }

  @Override
  public V setValue(V value) {
    throw new UnsupportedOperationException("a snapshot is immutable; use put");
  }
}
