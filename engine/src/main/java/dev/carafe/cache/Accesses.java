package dev.carafe.cache;

import dev.carafe.tier.AccessSample;
import dev.carafe.tier.Entry;
import dev.carafe.tier.EvictionAdmission;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.FileValue;
import dev.carafe.tier.KeyHasher;
import org.jspecify.annotations.Nullable;

/**
 * Counts reads, and records the accesses of sampled keys. {@link dev.carafe.tier.MemoryReads}
 * records those that find the key in the table of recent reads.
 */
final class Accesses {
  private final Counters counters;
  private final KeyHasher hasher;

  /** Null if the hit ratios of other sizes are not estimated. */
  private final @Nullable AccessSample sample;

  /** Null if the file gets all evicted values. */
  private final @Nullable EvictionAdmission admission;

  Accesses(Counters counters, CacheStorage storage, @Nullable AccessSample sample) {
    FileTier file = storage.file;
    KeyHasher hasher = storage.memory.hasher();
    this.admission = file == null ? null : file.evictions();
    this.counters = counters;
    this.hasher = hasher;
    this.sample = sample;
  }

  @Nullable AccessSample sample() {
    return sample;
  }

  /** Counts a read that an entry in memory answered. */
  void memoryHit(Entry entry) {
    counters.memoryHits.increment();
    if (sample != null && sample.selects(entry.keyHash())) {
      sample.recordMemoryHit(entry);
    }
  }

  /** Counts a read that the file answered. */
  void fileHit(Object key, FileValue found) {
    counters.fileHits.increment();
    recordLookup(key);
    if (sample != null) {
      int keyHash = hasher.keyHash(key);
      if (sample.selects(keyHash)) {
        sample.recordFileHit(keyHash, found);
      }
    }
  }

  /** Counts a read that neither tier answered. */
  void miss(Object key) {
    counters.misses.increment();
    recordLookup(key);
    if (sample != null) {
      int keyHash = hasher.keyHash(key);
      if (sample.selects(keyHash)) {
        sample.recordMiss(keyHash);
      }
    }
  }

  private void recordLookup(Object key) {
    if (admission != null) {
      admission.lookedUp(hasher.keyHash(key));
    }
  }

  /** Records a new value in memory. */
  void written(Entry entry) {
    if (sample != null && sample.selects(entry.keyHash())) {
      sample.recordWrite(entry);
    }
  }

  /** Records a new value that only the file has. */
  void writtenToFile(Object key, long bytes, long expiresAtNanos) {
    if (sample != null) {
      int keyHash = hasher.keyHash(key);
      if (sample.selects(keyHash)) {
        sample.recordWrite(keyHash, bytes, expiresAtNanos);
      }
    }
  }

  /** Records that the record of a key was removed from the file. */
  void recordRemoved(Object key) {
    if (admission != null) {
      admission.removed(hasher.keyHash(key));
    }
  }

  /** Records that a key has no value. */
  void removed(Object key) {
    recordRemoved(key);
    if (sample != null) {
      int keyHash = hasher.keyHash(key);
      if (sample.selects(keyHash)) {
        sample.recordRemoval(keyHash);
      }
    }
  }

  /** Records that no key has a value. */
  void cleared() {
    if (admission != null) {
      admission.cleared();
    }
    if (sample != null) {
      sample.clear();
    }
  }
}
