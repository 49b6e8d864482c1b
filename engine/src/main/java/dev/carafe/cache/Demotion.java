package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.tier.Entry;
import dev.carafe.tier.MemoryTier;
import dev.carafe.tier.PressureListener;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How entries leave memory: by the policy, or because the pool needs the place where they lie.
 * Whatever the application's code throws meanwhile, their chunks are given back (contract F5).
 *
 * @param <K> keys
 */
final class Demotion<K> implements PressureListener {
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
  void onEviction(Entry entry, RemovalCause cause) {
    Counters counters = tiers.counters;
    if (tiers.file == null) {
      (cause == RemovalCause.EXPIRED ? counters.expired : counters.dropped).increment();
      tiers.tracker.entryRemoved(entry, cause);
      var _ = memory.release(entry);
      return;
    }
    boolean waits = false;
    try {
      @SuppressWarnings("unchecked")
      K key = (K) entry.key();
      Entry older = spill.put(key, entry);
      waits = true;
      tiers.releaseReplaced(older, entry);
    } finally {
      if (!waits) { // no memory for that, or the key's methods threw: the value is dropped
        counters.dropped.increment();
        entry.supersede();
        var _ = memory.release(entry);
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
        tiers.index().evict(key, entry, () -> onEviction(entry, RemovalCause.SIZE));
        spill.settle(key, entry);
        releaseIfUnreachable(key, entry);
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Lets go of an entry that its creator made and could not publish, unless it got in after all.
   */
  void releaseUnpublished(K key, Entry entry) {
    if (!isReachable(key, entry)) {
      var _ = memory.release(entry);
    }
  }

  /**
   * If that can't be told, because the stack or the heap runs out, the answer is yes: {@link
   * #releaseIfUnreachable} asks again when the pool needs the chunk.
   */
  boolean isReachable(K key, Entry entry) {
    try {
      return tiers.index().entries().get(key) == entry || spill.get(key) == entry;
    } catch (Throwable t) {
      tiers.removals.errors().report("a key can't be looked up", t);
      return true;
    }
  }

  /**
   * Under the key's lock: an entry in no place, which an error left behind while it was replaced,
   * gives its chunk back. One that is yet to be published is pinned.
   */
  private void releaseIfUnreachable(K key, Entry entry) {
    if (!entry.isPinned()) {
      releaseReplaced(key, entry);
    }
  }

  /**
   * Under the key's lock: an entry that the index let go of when it threw gives its chunk back.
   *
   * @param entry what the key had; null if it had none
   */
  void releaseReplaced(K key, @Nullable Entry entry) {
    if (entry != null && !entry.isReleased() && !isReachable(key, entry)) {
      if (memory.release(entry)) {
        tiers.counters.dropped.increment();
      }
    }
  }
}
