package dev.carafe.cache;

import dev.carafe.log.format.CacheNumber;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.FileValue;
import dev.carafe.tier.MemoryTier;
import org.jspecify.annotations.Nullable;

/**
 * The tiers that store values, with the key locks and the spill queue between them. None of them
 * depends on the types of a cache's keys and values.
 */
final class CacheStorage {
  private static final int LOCKS = 1024;

  /** The stripes of one cache of many. */
  private static final int LOCKS_OF_MANY = 256;

  /** The number of the cache in its store. */
  final int number;

  final MemoryTier memory;
  final @Nullable FileTier file;
  final KeyLocks locks;
  final SpillQueue spill = new SpillQueue();

  /** Whether the cache was dropped, so that no value of it may reach the file. */
  private volatile boolean discarded;

  CacheStorage(int number, MemoryTier memory, @Nullable FileTier file) {
    this.number = number;
    this.memory = memory;
    this.file = file;
    this.locks = new KeyLocks(number == CacheNumber.ALL ? LOCKS : LOCKS_OF_MANY, memory.hasher());
  }

  /** Ends all writes of this cache to the file. Those under way end first. */
  void discard() {
    locks.lockAll();
    try {
      discarded = true;
    } finally {
      locks.unlockAll();
    }
  }

  /** Returns whether the cache was dropped. Does not change while a key lock is held. */
  boolean isDiscarded() {
    return discarded;
  }

  /**
   * Returns whether the file may hold the key's value. False positives are possible, false
   * negatives are not.
   */
  boolean mayBeInFile(@Nullable FileKey key) {
    return file != null && key != null && file.contains(key.hash());
  }

  /** Reads a value from the file into a new chunk; null is a miss. */
  @Nullable FileValue readFile(FileKey key) {
    return file == null ? null : file.read(key);
  }
}
