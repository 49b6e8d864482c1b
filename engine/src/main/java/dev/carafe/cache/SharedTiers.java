package dev.carafe.cache;

import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.FileValue;
import dev.carafe.tier.MemoryTier;
import org.jspecify.annotations.Nullable;

/**
 * The tiers that store values, with the key locks and the spill queue between them. None of them
 * depends on the types of a cache's keys and values.
 */
final class SharedTiers {
  private static final int LOCKS = 1024;

  final MemoryTier memory;
  final @Nullable FileTier file;
  final KeyLocks locks;
  final SpillQueue spill = new SpillQueue();

  SharedTiers(MemoryTier memory, @Nullable FileTier file) {
    this.memory = memory;
    this.file = file;
    this.locks = new KeyLocks(LOCKS, memory.hasher());
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
