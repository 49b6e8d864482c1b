package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.tier.Entry;
import dev.carafe.tier.MemoryTier;
import dev.carafe.tier.Pressure;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How entries leave memory: by the policy, or because the pool needs the place where they lie.
 * Whatever the application's code throws meanwhile, their chunks are given back (contract F5).
 *
 * @param <K> keys
 */
final class Demotion<K> implements Pressure {
  private final Tiers<K> tiers;
  private final Spill<K> spill;
  private final MemoryTier memory;

  Demotion(Tiers<K> tiers, Spill<K> spill) {
    this.tiers = tiers;
    this.spill = spill;
    this.memory = tiers.memory;
  }

  /**
   * Caffeine's listener: under its locks, so it only moves the entry along. What has expired goes
   * that way, too: the file's record of it is dropped where it is settled.
   */
  void evicted(Entry entry, RemovalCause cause) {
    Counters counters = tiers.counters;
    if (tiers.file == null) {
      (cause == RemovalCause.EXPIRED ? counters.expired : counters.dropped).increment();
      tiers.departures.left(entry, cause);
      memory.release(entry);
      return;
    }
    boolean waits = false;
    try {
      @SuppressWarnings("unchecked")
      K key = (K) entry.key();
      Entry older = spill.put(key, entry);
      waits = true;
      tiers.replaced(older, entry);
    } finally {
      if (!waits) { // no memory for that, or the key's methods threw: the value is dropped
        counters.dropped.increment();
        entry.supersede();
        memory.release(entry);
      }
    }
  }

  @Override
  public void relieve() {
    tiers.index().cleanUp();
    spill.drain();
  }

  @Override
  public void demote(Entry entry) {
    @SuppressWarnings("unchecked")
    K key = (K) entry.key();
    ReentrantLock lock = tiers.locks.of(key);
    if (lock.tryLock()) {
      try {
        tiers.index().evict(key, entry, () -> evicted(entry, RemovalCause.SIZE));
        spill.settle(key, entry);
        releaseIfLost(key, entry);
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Lets go of an entry that its creator made and could not publish, unless it got in after all.
   */
  void releaseUnpublished(K key, Entry entry) {
    if (!isInPlace(key, entry)) {
      memory.release(entry);
    }
  }

  /** The key's own methods may throw; then it is in no place that can be found. */
  boolean isInPlace(K key, Entry entry) {
    try {
      return tiers.index().entries().get(key) == entry || spill.get(key) == entry;
    } catch (Throwable t) {
      tiers.removals.errors().report("a key can't be looked up", t);
      return false;
    }
  }

  /**
   * Under the key's lock: an entry in no place, which an error left behind while it was replaced,
   * gives its chunk back. One that is yet to be published is pinned.
   */
  private void releaseIfLost(K key, Entry entry) {
    if (!entry.isReleased() && !entry.isPinned() && !isInPlace(key, entry)) {
      tiers.counters.dropped.increment();
      memory.release(entry);
    }
  }
}
